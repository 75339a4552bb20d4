#include "crypto/authorities.h"

#include <algorithm>

#include "base/assert.h"
#include "base/codec.h"

namespace quorumor {
namespace {

constexpr std::uint8_t kVersion = 1;

bool is_valid(const Endorsement& e) noexcept {
  return e.at >= WallTime{} && e.at <= kEndorsementTimeMax && is_valid_public_key(e.key);
}

}  // namespace

ByteVector encode_endorsement(const Endorsement& endorsement) {
  QUORUMOR_ASSERT(is_valid(endorsement));
  ByteArray<kEndorsementContent> buffer;
  Writer w(buffer);
  w.u8(kVersion);
  w.raw(endorsement.key);
  w.i64(unix_millis(endorsement.at));
  QUORUMOR_ASSERT(!w.failed());
  return to_vector(w.finish());
}

std::optional<Endorsement> decode_endorsement(Bytes content) noexcept {
  Reader r(content);
  const std::uint8_t version = r.u8();
  Endorsement out;
  out.key = r.array<32>();
  const std::int64_t at = r.i64();
  if (!r.finish() || version != kVersion || at < 0 || at > unix_millis(kEndorsementTimeMax)) return std::nullopt;
  out.at = wall_from_millis(at);
  if (!is_valid(out)) return std::nullopt;
  return out;
}

ByteVector sign_endorsement(const SigningKey& by, const ClusterId& cluster, const Endorsement& endorsement) {
  const ByteVector content = encode_endorsement(endorsement);
  return join_record(content, by.sign(SignDomain::endorsement, cluster, content));
}

Authorities::Fit Authorities::endorse(Bytes record) {
  if (record.size() != kEndorsementRecord) return Fit::refused;
  const Bytes content = content_of(record);
  const auto endorsement = decode_endorsement(content);
  if (!endorsement) return Fit::refused;
  if (holds(endorsement->key)) return Fit::known;
  if (full()) return Fit::full;
  if (!verify(SignDomain::endorsement, content, signature_of(record))) return Fit::refused;
  keys_.push_back(endorsement->key);
  records_.push_back(to_vector(record));
  return Fit::news;
}

bool Authorities::endorse_all(std::span<const ByteVector> records) {
  // Each round takes the next link of a chain, so as many rounds as can be held are enough.
  bool all = false;
  for (std::size_t round = 0; round < kEndorsedMax && !all; ++round) {
    all = true;
    for (const ByteVector& record : records) {
      const Fit fit = endorse(record);
      all = all && (fit == Fit::news || fit == Fit::known);
    }
  }
  return all || records.empty();
}

bool Authorities::verify(SignDomain domain, Bytes content, const Signature& signature) const noexcept {
  const auto signed_it = [&](const PublicKey& key) {
    return quorumor::verify(key, domain, cluster_, content, signature);
  };
  return signed_it(root_) || std::any_of(keys_.begin(), keys_.end(), signed_it);
}

bool Authorities::holds(const PublicKey& key) const noexcept {
  return key == root_ || std::find(keys_.begin(), keys_.end(), key) != keys_.end();
}

}  // namespace quorumor
