#include "node/cli/passphrase_file.h"

#include "crypto/authority.h"
#include "node/cli/answer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace quorumor {
namespace {

constexpr std::size_t kPassphraseMax = 1024;
// Argon2id with 64 MiB makes a guess cost about 0.1 s: 50 bits are then millions of core years.
constexpr unsigned kStrengthEnough = 50;

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

}  // namespace

Fallible<std::optional<WipedBytes>> read_passphrase(const std::string& path) {
  if (path.empty()) return std::optional<WipedBytes>{};
  WipedBytes content{ByteVector()};
  if (path == "-") {
    BOOST_OUTCOME_TRY(content, read_standard_input());
  } else {
    BOOST_OUTCOME_TRY(auto bytes, read_file(path, kPassphraseMax + 2, Privacy::secret));
    if (!bytes) return fail("the passphrase file " + path + " does not exist");
    content = WipedBytes(std::move(*bytes));
  }
  const std::string where = path == "-" ? "standard input" : path;
  const Bytes line = without_line_break(content.view());
  if (line.empty()) return fail("the passphrase in " + where + " is empty");
  if (line.size() > kPassphraseMax) return fail("the passphrase in " + where + " is longer than 1024 bytes");
  if (std::find(line.begin(), line.end(), std::byte{'\n'}) != line.end()) {
    return fail("the passphrase in " + where + " must be a single line");
  }
  return std::optional<WipedBytes>(WipedBytes(to_vector(line)));
}

void warn_if_weak(const std::optional<WipedBytes>& passphrase) {
  if (!passphrase) return;
  const unsigned bits = estimate_strength_bits(as_text(passphrase->view()));
  if (bits >= kStrengthEnough) return;
  warn("the passphrase is weak (about " + std::to_string(bits) +
       " bits): who gets the key file can guess it");
}

}  // namespace quorumor
