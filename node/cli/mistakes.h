// Names what was mistyped on the command line. CLI11 alone says "a subcommand is required" or "--label is
// required" where somebody wrote `amdit` or `--lable`; so the words are looked at before it parses them.
#pragma once

#include "node/driver/failure.h"

#include <optional>
#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace quorumor {

// The first unknown subcommand (at any level) or unknown long option, with what it is near to. Nothing if all
// words are known; their values, and what is required, are CLI11's to judge.
std::optional<Failure> find_mistake(const CLI::App& app, int argc, const char* const* argv);
// What CLI11 found wrong, as one line that says where help is.
Failure usage_failure(const CLI::App& app, const CLI::ParseError& error);

}  // namespace quorumor
