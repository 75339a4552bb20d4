// A passphrase out of a file, never out of the command line: arguments show in every process list.
#pragma once

#include "node/driver/file.h"

#include <string>

namespace quorumor {

// The file's first and only line, without its line break. "-" is standard input. Nothing for an empty path.
// The file must be private (0600); an empty passphrase, a second line or more than 1024 bytes is a failure.
Fallible<std::optional<WipedBytes>> read_passphrase(const std::string& path);
// Says on stderr what a guesser would need less than, if it is little. For new passphrases.
void warn_if_weak(const std::optional<WipedBytes>& passphrase);

}  // namespace quorumor
