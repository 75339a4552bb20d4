#include "node/cli/mistakes.h"

#include "node/driver/suggest.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace quorumor {
namespace {

std::vector<const CLI::App*> subcommands_of(const CLI::App& command) {
  return command.get_subcommands(nullptr);
}

std::string did_you_mean(const std::string& typed, const std::vector<std::string>& words,
                         const std::string& command) {
  if (const auto near = suggest(typed, words)) return "; did you mean '" + *near + "'?";
  return "; `" + command + " --help` lists them";
}

Failure unknown_subcommand(const std::string& typed, const CLI::App& parent, const std::string& path) {
  std::vector<std::string> words;
  for (const CLI::App* sub : subcommands_of(parent)) words.push_back(sub->get_name());
  const std::string where = parent.get_parent() == nullptr ? "" : " of `" + path + "`";
  return misuse("unknown subcommand '" + typed + "'" + where + did_you_mean(typed, words, path));
}

Failure unknown_option(const std::string& typed, const CLI::App& command, const std::string& path) {
  std::vector<std::string> words;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  return misuse("unknown option '" + typed + "' of `" + path + "`" + did_you_mean(typed, words, path));
}

bool is_long_option(std::string_view word) { return word.size() > 2 && word.substr(0, 2) == "--"; }

std::optional<Failure> check_option(const std::string& word, const CLI::App& command,
                                    const std::string& path) {
  const std::string name = word.substr(0, word.find('='));
  if (command.get_option_no_throw(name) != nullptr) return std::nullopt;
  return unknown_option(name, command, path);
}

bool starts_with(const std::string& text, std::string_view start) {
  return text.compare(0, start.size(), start) == 0;
}

// CLI11's words, where they are a program's rather than a person's: "--dir: 1 required TEXT missing".
std::string plain_words(const CLI::ParseError& error) {
  std::string message = error.what();
  while (!message.empty() && (message.back() == '\n' || message.back() == '.')) message.pop_back();
  const auto after = [&](std::string_view mark) { return message.substr(message.find(mark) + mark.size()); };
  const std::string subject = message.substr(0, message.find(": "));
  if (error.get_name() == "ArgumentMismatch" && message.find("missing") != std::string::npos) {
    return subject + " needs a value";
  }
  if (error.get_name() == "ArgumentMismatch" && message.find("but received") != std::string::npos) {
    return subject + " is given more than once";
  }
  if (starts_with(message, "The following argument") && message.find(": ") != std::string::npos) {
    return "unexpected argument '" + after(": ") + "'";
  }
  if (error.get_name() == "ConversionError" && starts_with(message, "Could not convert: ")) {
    return "no such value: " + after("Could not convert: ");
  }
  return message;
}

}  // namespace

std::optional<Failure> find_mistake(const CLI::App& app, int argc, const char* const* argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const CLI::App* command = &app;
  std::string path = app.get_name();
  auto word = words.begin();
  for (; word != words.end() && !subcommands_of(*command).empty(); ++word) {
    if (is_long_option(*word)) return check_option(*word, *command, path);
    if (!word->empty() && word->front() == '-') return std::nullopt;
    const auto subs = subcommands_of(*command);
    const auto found =
        std::find_if(subs.begin(), subs.end(), [&](const CLI::App* sub) { return sub->check_name(*word); });
    if (found == subs.end()) return unknown_subcommand(*word, *command, path);
    command = *found;
    path += " " + command->get_name();
  }
  if (command->get_allow_extras() || command->get_prefix_command()) return std::nullopt;
  for (; word != words.end() && *word != "--"; ++word) {
    if (!is_long_option(*word)) continue;
    if (auto mistake = check_option(*word, *command, path)) return mistake;
  }
  return std::nullopt;
}

Failure usage_failure(const CLI::App& app, const CLI::ParseError& error) {
  std::string path = app.get_name();
  for (const CLI::App* command = &app; !command->get_subcommands().empty();) {
    command = command->get_subcommands().front();
    path += " " + command->get_name();
  }
  return misuse(plain_words(error) + "; `" + path + " --help` tells more");
}

}  // namespace quorumor
