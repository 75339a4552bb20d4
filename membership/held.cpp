#include "membership/held.h"

#include "base/assert.h"

#include <algorithm>

namespace quorumor {
namespace {

// Where the record spells `text`: names are in the clear, behind a byte that is their length.
std::string_view inside(const ByteVector& record, std::string_view text) noexcept {
  const auto* begin = reinterpret_cast<const char*>(record.data());
  const std::string_view all(begin, record.size());
  for (std::size_t at = all.find(text); !text.empty() && at != std::string_view::npos; at = all.find(text, at + 1)) {
    if (at > 0 && static_cast<unsigned char>(all[at - 1]) == text.size()) return all.substr(at, text.size());
  }
  QUORUMOR_ASSERT(text.empty());
  return {};
}

// Leaves are hashes, so that nobody can choose a core whose leaf cancels another's difference.
Digest leaf_of(const NodeId& id, const Digest& core, bool terminal) noexcept {
  const std::byte flag{static_cast<unsigned char>(terminal ? 1 : 0)};
  return hash("quorumor member leaf", {id, core, Bytes{&flag, 1}});
}

}  // namespace

HeldCredential::HeldCredential(const Credential& parsed, ByteVector bytes) : record(std::move(bytes)) {
  record.shrink_to_fit();
  credential = {parsed.id, parsed.identity, parsed.serial, parsed.not_after, inside(record, parsed.name),
                inside(record, parsed.zone)};
}

Credential HeldCredential::whole() const {
  auto decoded = decode_credential(Bytes(record).first(record.size() - limits::kSignature));
  QUORUMOR_ASSERT(decoded.has_value());
  return std::move(decoded.value());
}

HeldCore::HeldCore(Bytes bytes) {
  QUORUMOR_ASSERT(bytes.size() == record.size());
  std::copy(bytes.begin(), bytes.end(), record.begin());
  const Core parsed = whole();
  core = {parsed.at, parsed.next_event, parsed.leaving};
  digest_ = core_digest(content());
  leaf_ = leaf_of(parsed.id, digest_, false);
}

Digest HeldCore::leaf(bool terminal) const noexcept { return terminal ? leaf_of(whole().id, digest_, true) : leaf_; }

Core HeldCore::whole() const {
  const auto decoded = decode_core(content());
  QUORUMOR_ASSERT(decoded.has_value());
  return decoded.value();
}

}  // namespace quorumor
