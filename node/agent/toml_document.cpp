#include "node/agent/toml_document.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <cstdio>

namespace quorumor {
namespace {

std::string_view line_of(std::string_view text, unsigned number) {
  for (; number > 1; --number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Where the character of a column (from 1) begins. Columns count characters, not bytes.
std::size_t offset_of(std::string_view line, unsigned column) {
  std::size_t at = 0;
  for (; column > 1 && at < line.size(); --column) {
    do {
      ++at;
    } while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xc0) == 0x80);
  }
  return at;
}

// A number as the text has it: value<double>() would have rounded it already.
std::string number_text(std::string_view text, const toml::source_region& where) {
  std::string_view line = line_of(text, where.begin.line);
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (where.begin.line == 1 && line.substr(0, kMark.size()) == kMark) line.remove_prefix(kMark.size());
  const std::size_t from = offset_of(line, where.begin.column);
  std::string out(line.substr(from, offset_of(line, where.end.column) - from));
  std::erase(out, '_');
  return out;
}

TomlValue texts_of(const toml::array& array) {
  TomlValue out;
  out.kind = TomlValue::Kind::texts;
  for (const toml::node& element : array) {
    if (!element.is_string()) return {TomlValue::Kind::other, "an array of something else", false, {}};
    out.texts.push_back(element.as_string()->get());
  }
  return out;
}

TomlValue value_of(std::string_view text, const toml::node& node) {
  using Kind = TomlValue::Kind;
  if (const auto* string = node.as_string()) return {Kind::text, string->get(), false, {}};
  if (const auto* boolean = node.as_boolean()) return {Kind::flag, {}, boolean->get(), {}};
  if (node.is_number()) return {Kind::number, number_text(text, node.source()), false, {}};
  if (const auto* array = node.as_array()) return texts_of(*array);
  if (node.is_table()) return {Kind::table, {}, false, {}};
  return {Kind::other, "a date or time", false, {}};
}

void add_entry(std::vector<TomlEntry>& out, std::string_view text, std::string_view table, unsigned element,
               const toml::key& key, const toml::node& node) {
  const toml::source_region& at = node.is_table() && element != 0 ? node.source() : key.source();
  TomlEntry entry{std::string(table), element,        std::string(key.str()),    value_of(text, node),
                  at.begin.line,      at.begin.column, node.source().begin.column};
  out.push_back(std::move(entry));
}

void add_array(std::vector<TomlEntry>& out, std::string_view text, const toml::key& key, const toml::array& array) {
  unsigned element = 0;
  for (const toml::node& node : array) {
    const toml::table& table = *node.as_table();
    ++element;
    if (table.empty()) add_entry(out, text, {}, element, key, node);
    for (const auto& [inner, value] : table) add_entry(out, text, key.str(), element, inner, value);
  }
}

std::vector<TomlEntry> entries_of(std::string_view text, const toml::table& root) {
  std::vector<TomlEntry> out;
  for (const auto& [key, node] : root) {
    const toml::table* table = node.as_table();
    if (node.is_array_of_tables()) {
      add_array(out, text, key, *node.as_array());
    } else if (table == nullptr || table->empty()) {
      add_entry(out, text, {}, 0, key, node);
    } else {
      for (const auto& [inner, value] : *table) add_entry(out, text, key.str(), 0, inner, value);
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const TomlEntry& a, const TomlEntry& b) {
    return std::pair(a.line, a.key_column) < std::pair(b.line, b.key_column);
  });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

// The mistake that people make most: a word or a duration without quotes.
std::string unquoted(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  const std::string_view value = trimmed(line.substr(equals + 1, line.find('#') - equals - 1));
  constexpr std::size_t kLongest = 64;
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == ':' ||
           c == '/' || c == '-' || c == '_';
  };
  if (value.empty() || value.size() > kLongest || !std::all_of(value.begin(), value.end(), is_plain)) return {};
  return "; text and durations need quotes: \"" + std::string(value) + "\"";
}

// "; it is on line 3 already", if what is before this line says so.
std::string first_place(std::string_view text, const toml::parse_error& error) {
  const std::string_view line = line_of(text, error.source().begin.line);
  const auto before = toml::parse(text.substr(0, static_cast<std::size_t>(line.data() - text.data())));
  if (!before) return {};
  const std::string_view description = error.description();
  for (const TomlEntry& entry : entries_of(text, before.table())) {
    const std::string named = "'" + entry.key + "'";
    const std::string table = "table '" + entry.table + "'";
    if (description.find(entry.table.empty() ? named : table) == std::string_view::npos &&
        description.find(named) == std::string_view::npos) {
      continue;
    }
    return "; it is set on line " + std::to_string(entry.line) + " already";
  }
  return {};
}

TomlProblem problem_of(std::string_view text, const toml::parse_error& error) {
  std::string message(error.description());
  constexpr std::string_view kPreamble = "Error while parsing ";
  if (message.compare(0, kPreamble.size(), kPreamble) == 0) message.erase(0, kPreamble.size());
  const bool redefined = message.find("cannot redefine") != std::string::npos;
  message += redefined ? first_place(text, error) : unquoted(line_of(text, error.source().begin.line));
  return {error.source().begin.line, error.source().begin.column, std::move(message)};
}

}  // namespace

Result<std::vector<TomlEntry>, TomlProblem> parse_toml(std::string_view text) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) return problem_of(text, parsed.error());
  return entries_of(text, parsed.table());
}

std::string toml_quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace quorumor
