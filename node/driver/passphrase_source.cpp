#include "node/driver/passphrase_source.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace quorumor {
namespace {

constexpr std::size_t kPassphraseMax = 1024;

Fallible<WipedBytes> read_standard_input() {
  WipedBytes buffer{ByteVector(kPassphraseMax + 3)};  // one more than is allowed, with a line break of two
  std::size_t used = 0;
  while (used < buffer.view().size()) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.view().data() + used, buffer.view().size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("cannot read the passphrase from standard input");
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  return WipedBytes(to_vector(buffer.view().first(used)));
}

Bytes without_line_break(Bytes text) noexcept {
  if (!text.empty() && text.back() == std::byte{'\n'}) text = text.first(text.size() - 1);
  if (!text.empty() && text.back() == std::byte{'\r'}) text = text.first(text.size() - 1);
  return text;
}

Fallible<WipedBytes> read_from_file(const std::string& path, Privacy privacy) {
  BOOST_OUTCOME_TRY(auto bytes, read_file(path, kPassphraseMax + 2, privacy));
  if (!bytes) return fail("the passphrase file " + path + " does not exist");
  return WipedBytes(std::move(*bytes));
}

// systemd keeps the directory from everybody but the service (by an ACL, so that the files' modes and owner say
// little); a name with a slash would lead out of it.
Fallible<std::string> credential_path(const std::string& name) {
  if (name.find('/') != std::string::npos || name == "." || name == "..") {
    return misuse("the passphrase credential '" + name + "' is no name of a credential");
  }
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory == '\0') {
    return fail("there are no systemd credentials here ($CREDENTIALS_DIRECTORY is not set); start the agent as a unit "
                "with LoadCredential=" +
                name + ":PATH, or give --passphrase-file FILE");
  }
  return std::string(directory) + "/" + name;
}

}  // namespace

Fallible<Passphrase> read_passphrase(const PassphraseSource& source) {
  if (!source.is_given()) return Passphrase{};
  if (!source.file.empty() && !source.credential.empty()) {
    return misuse("a passphrase comes from a file or from a systemd credential, not from both");
  }
  std::string where = source.file == "-" ? "standard input" : source.file;
  WipedBytes content{ByteVector()};
  if (source.file == "-") {
    BOOST_OUTCOME_TRY(content, read_standard_input());
  } else if (!source.file.empty()) {
    BOOST_OUTCOME_TRY(content, read_from_file(source.file, Privacy::secret));
  } else {
    BOOST_OUTCOME_TRY(where, credential_path(source.credential));
    BOOST_OUTCOME_TRY(content, read_from_file(where, Privacy::open));
  }
  const Bytes line = without_line_break(content.view());
  if (line.empty()) return fail("the passphrase in " + where + " is empty");
  if (line.size() > kPassphraseMax) return fail("the passphrase in " + where + " is longer than 1024 bytes");
  if (std::find(line.begin(), line.end(), std::byte{'\n'}) != line.end()) {
    return fail("the passphrase in " + where + " must be a single line");
  }
  return Passphrase(WipedBytes(to_vector(line)));
}

}  // namespace quorumor
