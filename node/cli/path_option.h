// An option that names a file or directory. An empty one is a mistake of a script (an unset variable), and
// must not become the current directory.
#pragma once

#include <CLI/App.hpp>

#include <string>

namespace quorumor {

inline CLI::Option* add_path(CLI::App* command, const std::string& name, std::string& into,
                             const std::string& help) {
  const auto not_empty = [](const std::string& path) {
    return path.empty() ? std::string("is empty") : std::string();
  };
  return command->add_option(name, into, help)->check(not_empty);
}

}  // namespace quorumor
