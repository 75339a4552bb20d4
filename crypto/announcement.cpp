#include "crypto/announcement.h"

#include "base/assert.h"
#include "base/codec.h"

namespace quorumor {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kBetaMax = 333'333;  // a third: beyond it no quorum can be safe
constexpr std::uint8_t kEpsilonExponentMax = 18;
static_assert(kAnnouncementContentMax <= kSignedContentMax);

}  // namespace

bool is_valid(const Announcement& a) noexcept {
  const ClusterParameters& p = a.parameters;
  const std::int64_t signed_at = unix_millis(a.signed_at);
  return (a.kind == AnnouncementKind::begin || a.kind == AnnouncementKind::retire) && a.epoch.value >= 1 &&
         (p.suite == Suite::chacha20_poly1305 || p.suite == Suite::aes256_gcm) && p.beta_ppm <= kBetaMax &&
         p.epsilon_exponent >= 1 && p.epsilon_exponent <= kEpsilonExponentMax && signed_at >= 0 &&
         signed_at <= kSignedTimeMax && a.revocations.size() <= kAnnouncedRevocationsMax;
}

ByteVector encode_announcement(const Announcement& a) {
  QUORUMOR_ASSERT(is_valid(a));
  ByteArray<kAnnouncementContentMax> buffer;
  Writer w(buffer);
  w.u8(kVersion);
  w.u8(static_cast<std::uint8_t>(a.kind));
  w.raw(a.signer);
  w.u64(a.signer_serial.value);
  w.u64(a.epoch.value);
  w.raw(a.predecessor);
  w.raw(a.commitment);
  w.u8(static_cast<std::uint8_t>(a.parameters.suite));
  w.u8(a.parameters.defense ? 1 : 0);
  w.u32(a.parameters.beta_ppm);
  w.u8(a.parameters.epsilon_exponent);
  w.u32(a.parameters.min_interval_s);
  w.i64(unix_millis(a.signed_at));
  w.u8(static_cast<std::uint8_t>(a.revocations.size()));
  for (const Digest& revocation : a.revocations) w.raw(revocation);
  QUORUMOR_ASSERT(!w.failed());
  return to_vector(w.finish());
}

Result<Announcement, AnnouncementError> decode_announcement(Bytes content) {
  Reader r(content);
  const std::uint8_t version = r.u8();
  Announcement out;
  out.kind = static_cast<AnnouncementKind>(r.u8());
  out.signer = r.array<16>();
  out.signer_serial = Serial{r.u64()};
  out.epoch = Epoch{r.u64()};
  out.predecessor = r.array<32>();
  out.commitment = r.array<32>();
  out.parameters.suite = static_cast<Suite>(r.u8());
  const std::uint8_t defense = r.u8();
  out.parameters.defense = defense == 1;
  out.parameters.beta_ppm = r.u32();
  out.parameters.epsilon_exponent = r.u8();
  out.parameters.min_interval_s = r.u32();
  out.signed_at = wall_from_millis(r.i64());
  const std::size_t revocations = r.u8();
  if (r.failed() || version != kVersion || revocations > kAnnouncedRevocationsMax) {
    return AnnouncementError::malformed;
  }
  for (std::size_t i = 0; i < revocations; ++i) out.revocations.push_back(r.array<32>());
  if (!r.finish()) return AnnouncementError::malformed;
  if (defense > 1 || !is_valid(out)) return AnnouncementError::bad_value;
  return out;
}

SignedAnnouncement sign_announcement(const SigningKey& keymaster, const ClusterId& cluster, Announcement a) {
  SignedAnnouncement out;
  out.content = encode_announcement(a);
  out.signature = keymaster.sign(SignDomain::announcement, cluster, out.content);
  out.announcement = std::move(a);
  return out;
}

Result<SignedAnnouncement, AnnouncementError> verify_announcement(const PublicKey& signer_key,
                                                                  const ClusterId& cluster, Bytes content,
                                                                  const Signature& signature) {
  BOOST_OUTCOME_TRY(auto announcement, decode_announcement(content));
  if (!verify(signer_key, SignDomain::announcement, cluster, content, signature)) {
    return AnnouncementError::bad_signature;
  }
  return SignedAnnouncement{to_vector(content), signature, std::move(announcement)};
}

Digest first_seed(const ClusterId& cluster) noexcept { return next_seed(cluster, Epoch{1}); }

Digest next_seed(const Digest& seed, Epoch next) noexcept {
  ByteArray<8> epoch;
  store_le<std::uint64_t>(epoch.data(), next.value);
  return hash("quorumor seed", {seed, epoch});
}

}  // namespace quorumor
