#include "node/cli/ledger.h"

#include "node/cli/times.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace quorumor {
namespace {

namespace json = boost::json;

constexpr std::string_view kFormat = "quorumor-ledger-1";
constexpr std::size_t kCheckBytes = 8;

json::object to_json(const LedgerEntry& entry) {
  json::object out;
  out["id"] = to_hex(entry.id);
  out["name"] = entry.name;
  out["zone"] = entry.zone;
  out["roles"] = json::array(entry.roles.begin(), entry.roles.end());
  out["key"] = to_hex(entry.identity);
  out["serial"] = std::to_string(entry.serial.value);
  out["not_before"] = format_time(entry.not_before);
  out["not_after"] = format_time(entry.not_after);
  return out;
}

std::string check_of(const json::object& fields) {
  const Digest digest = hash("quorumor ledger line", {as_bytes(json::serialize(fields))});
  return to_hex(Bytes(digest).first(kCheckBytes));
}

json::object to_json(const Revocation& revocation) {
  json::object out;
  out["revoked"] = to_hex(revocation.id);
  out["serial"] = std::to_string(revocation.serial.value);
  out["at"] = format_time(revocation.at);
  out["reason"] = revocation.reason;
  return out;
}

template <class Item>
std::string line_of(const Item& item) {
  json::object out = to_json(item);
  const std::string check = check_of(out);
  out["check"] = check;
  return json::serialize(out) + "\n";
}

// A field that is text; nothing for any other kind, or if it is missing.
std::optional<std::string> text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<std::uint64_t> parse_u64(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return out;
}

template <class T, class Parse>
bool take(const json::object& object, std::string_view key, T& out, Parse parse) {
  const auto text = text_at(object, key);
  if (!text) return false;
  const auto value = parse(*text);
  if (value) out = *value;
  return value.has_value();
}

bool take_roles(const json::object& object, std::vector<std::string>& out) {
  const json::value* roles = object.if_contains("roles");
  if (roles == nullptr || !roles->is_array()) return false;
  for (const json::value& role : roles->get_array()) {
    if (!role.is_string()) return false;
    out.emplace_back(role.get_string());
  }
  return true;
}

std::optional<json::object> parse_object(std::string_view line) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = 4;
  json::value value = json::parse({line.data(), line.size()}, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

// Nothing unless the line is to the byte what line_of writes: then no field is missing, double, odd or
// altered.
std::optional<LedgerEntry> parse_entry(std::string_view line) {
  const auto object = parse_object(line);
  if (!object) return std::nullopt;
  LedgerEntry out;
  const auto same = [](const std::string& text) { return std::optional<std::string>(text); };
  const auto serial = parse_u64(text_at(*object, "serial"));
  const bool has_all = take(*object, "id", out.id, array_from_hex<16>) &&
                       take(*object, "name", out.name, same) && take(*object, "zone", out.zone, same) &&
                       take_roles(*object, out.roles) &&
                       take(*object, "key", out.identity, array_from_hex<32>) && serial &&
                       take(*object, "not_before", out.not_before, parse_rfc3339) &&
                       take(*object, "not_after", out.not_after, parse_rfc3339);
  if (!has_all) return std::nullopt;
  out.serial = Serial{*serial};
  if (line_of(out) != std::string(line) + "\n") return std::nullopt;
  return out;
}

std::optional<Revocation> parse_revocation(std::string_view line) {
  const auto object = parse_object(line);
  if (!object) return std::nullopt;
  Revocation out;
  const auto serial = parse_u64(text_at(*object, "serial"));
  const auto reason = text_at(*object, "reason");
  const bool has_all = take(*object, "revoked", out.id, array_from_hex<16>) &&
                       take(*object, "at", out.at, parse_rfc3339) && serial && reason;
  if (!has_all) return std::nullopt;
  out.serial = Serial{*serial};
  out.reason = *reason;
  if (!is_valid(out) || line_of(out) != std::string(line) + "\n") return std::nullopt;
  return out;
}

// A count of the first line; nothing if it is no sound one. A ledger without revocations does not state theirs.
std::optional<std::size_t> count_at(const json::object& header, std::string_view key, std::int64_t unless) {
  const json::value* count = header.if_contains(key);
  const std::int64_t out = count == nullptr ? unless : count->is_int64() ? count->get_int64() : -1;
  if (out < 0 || out > static_cast<std::int64_t>(kLedgerEntriesMax)) return std::nullopt;
  return static_cast<std::size_t>(out);
}

std::string header_of(const ClusterId& cluster, std::size_t entries, std::size_t revocations) {
  json::object out;
  out["format"] = kFormat;
  out["cluster"] = to_hex(cluster);
  out["entries"] = entries;
  if (revocations > 0) out["revocations"] = revocations;
  return json::serialize(out) + "\n";
}

Failure damaged(const std::string& file, std::size_t line, const std::string& what) {
  return fail(file + " line " + std::to_string(line) + ": " + what +
              "; restore the authority from its latest backup with `quorumor authority restore`");
}

}  // namespace

const LedgerEntry* Ledger::find_name(std::string_view name) const noexcept {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const LedgerEntry& e) { return e.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

const LedgerEntry* Ledger::find_key(const PublicKey& key) const noexcept {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const LedgerEntry& e) { return e.identity == key; });
  return found == entries_.end() ? nullptr : &*found;
}

const LedgerEntry* Ledger::find_id(const NodeId& id) const noexcept {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const LedgerEntry& e) { return e.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

const Revocation* Ledger::find_revocation(const NodeId& id) const noexcept {
  const auto found =
      std::find_if(revocations_.begin(), revocations_.end(), [&](const Revocation& r) { return r.id == id; });
  return found == revocations_.end() ? nullptr : &*found;
}

bool Ledger::is_revoked(const LedgerEntry& entry) const noexcept {
  const Revocation* revocation = find_revocation(entry.id);
  return revocation != nullptr && entry.serial <= revocation->serial;
}

bool Ledger::has_prefix_of(const NodeId& id) const noexcept {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const LedgerEntry& e) { return id_prefix(e.id) == id_prefix(id); });
}

std::optional<std::string> Ledger::first_lacking(const Ledger& other) const {
  for (const LedgerEntry& theirs : other.entries_) {
    const LedgerEntry* ours = find_id(theirs.id);
    if (ours == nullptr || ours->serial < theirs.serial || ours->identity != theirs.identity) return theirs.name;
  }
  for (const Revocation& theirs : other.revocations_) {
    const Revocation* ours = find_revocation(theirs.id);
    const LedgerEntry* entry = other.find_id(theirs.id);
    if (ours == nullptr || ours->serial < theirs.serial) return entry != nullptr ? entry->name : to_hex(theirs.id);
  }
  return std::nullopt;
}

void Ledger::put(LedgerEntry entry) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const LedgerEntry& e) { return e.id == entry.id; });
  if (found != entries_.end()) {
    *found = std::move(entry);
  } else {
    entries_.push_back(std::move(entry));
  }
}

void Ledger::put(Revocation revocation) {
  const auto found = std::find_if(revocations_.begin(), revocations_.end(),
                                  [&](const Revocation& r) { return r.id == revocation.id; });
  if (found != revocations_.end()) {
    *found = std::move(revocation);
  } else {
    revocations_.push_back(std::move(revocation));
  }
}

std::string Ledger::serialize() const {
  std::string out = header_of(cluster_, entries_.size(), revocations_.size());
  for (const LedgerEntry& entry : entries_) out += line_of(entry);
  for (const Revocation& revocation : revocations_) out += line_of(revocation);
  return out;
}

Fallible<Ledger> Ledger::parse(const ClusterId& cluster, std::string_view text, const std::string& file) {
  std::size_t line_number = 0;
  const auto next_line = [&]() -> std::optional<std::string_view> {
    ++line_number;
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
  };
  const auto first = next_line();
  const auto header = first ? parse_object(*first) : std::nullopt;
  if (!header || text_at(*header, "format") != kFormat)
    return damaged(file, 1, "not the beginning of a ledger");
  if (text_at(*header, "cluster") != to_hex(cluster))
    return damaged(file, 1, "the ledger of another cluster");
  const auto entries = count_at(*header, "entries", -1);
  const auto revocations = count_at(*header, "revocations", 0);
  if (!entries || !revocations) return damaged(file, 1, "no number of entries, or too many");

  Ledger out(cluster);
  std::unordered_set<std::string> seen;
  while (out.entries_.size() < *entries) {
    const auto line = next_line();
    if (!line) return damaged(file, line_number, "cut off, " + std::to_string(*entries) + " entries expected");
    auto entry = parse_entry(*line);
    if (!entry) return damaged(file, line_number, "damaged");
    const bool is_new = seen.insert("name " + entry->name).second &&
                        seen.insert("key " + to_hex(entry->identity)).second &&
                        seen.insert("id " + to_hex(Bytes(entry->id).first(8))).second;
    if (!is_new) return damaged(file, line_number, "a name, key or id that an earlier line has");
    out.entries_.push_back(std::move(*entry));
  }
  while (out.revocations_.size() < *revocations) {
    const auto line = next_line();
    if (!line) return damaged(file, line_number, "cut off, " + std::to_string(*revocations) + " revocations expected");
    auto revocation = parse_revocation(*line);
    if (!revocation) return damaged(file, line_number, "damaged");
    if (!seen.insert("revoked " + to_hex(revocation->id)).second) {
      return damaged(file, line_number, "an id that an earlier line revokes");
    }
    out.revocations_.push_back(std::move(*revocation));
  }
  if (!text.empty())
    return damaged(file, line_number + 1, "more than the " + std::to_string(*entries) + " entries expected");
  return out;
}

}  // namespace quorumor
