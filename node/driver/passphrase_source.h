// A passphrase out of a file, never out of the command line: arguments show in every process list.
#pragma once

#include "node/driver/file.h"

#include <optional>
#include <string>

namespace quorumor {

// Where from; at most one of both. Neither: there is no passphrase.
struct PassphraseSource {
  std::string file;        // a path; "-" is standard input
  std::string credential;  // a name that systemd's LoadCredential= gave: a file in $CREDENTIALS_DIRECTORY

  bool is_given() const noexcept { return !file.empty() || !credential.empty(); }
};
using Passphrase = std::optional<WipedBytes>;

// The first and only line, without its line break. Nothing for no source. A file must be private (0600); a credential
// is as private as systemd made its directory. An empty passphrase, a second line or more than 1024 bytes is a failure.
Fallible<Passphrase> read_passphrase(const PassphraseSource& source);

}  // namespace quorumor
