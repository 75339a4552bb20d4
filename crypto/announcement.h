// What a keymaster says about epochs: a new one begins, or an old one is retired. Cluster-wide parameters are
// agreed here and nowhere else. Each announcement names the digest of its predecessor, so the observer seeds
// are chained and no keymaster can grind them: seed_e = H(seed_{e-1}, e), seed_1 = H(ClusterId, 1).
//
// A retirement names the epoch through which all retire, and as its predecessor the announcement that began that epoch
// (with its commitment); its parameters say nothing.
//
// Content, signed by a credential with the keymaster role under SignDomain::announcement:
//   version u8 = 1 | kind u8 | signer id 16 | signer serial u64 | epoch u64 | predecessor 32 | commitment 32
//   | suite u8 | defense u8 | beta ppm u32 | epsilon exponent u8 (epsilon = 10^-x) | min interval s u32
//   | signed time i64 ms | revocation count u8 | revocation digest 32 ...
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "crypto/epoch.h"
#include "crypto/sign.h"

#include <vector>

namespace quorumor {

inline constexpr std::size_t kAnnouncedRevocationsMax = 16;
// Signed times end with the year 9999: spacing can be added without overflow (ms).
inline constexpr std::int64_t kSignedTimeMax = 253'402'300'799'999;
inline constexpr std::size_t kAnnouncementContentMax =
    2 + 16 + 8 + 8 + 32 + 32 + 1 + 1 + 4 + 1 + 4 + 8 + 1 + 32 * kAnnouncedRevocationsMax;

enum class AnnouncementKind : std::uint8_t { begin = 1, retire = 2 };  // wire values
enum class AnnouncementError : std::uint8_t { malformed, bad_value, bad_signature };

// Agreed by the whole cluster.
struct ClusterParameters {
  Suite suite = Suite::chacha20_poly1305;
  bool defense = true;
  std::uint32_t beta_ppm = 100'000;    // Byzantine fraction assumed, millionths; at most 333,333
  std::uint8_t epsilon_exponent = 4;   // accepted failure probability an epoch: 10^-4; 1 to 18
  std::uint32_t min_interval_s = 60;   // between epochs, by the chain's signed times

  friend bool operator==(const ClusterParameters&, const ClusterParameters&) = default;
};

struct Announcement {
  AnnouncementKind kind = AnnouncementKind::begin;
  NodeId signer{};
  Serial signer_serial;
  Epoch epoch;            // >= 1
  Digest predecessor{};   // digest of the predecessor's content; zero for the first
  Commitment commitment{};
  ClusterParameters parameters;
  WallTime signed_at;
  std::vector<Digest> revocations;

  friend bool operator==(const Announcement&, const Announcement&) = default;
};

inline Digest announcement_digest(Bytes content) noexcept { return hash("quorumor announcement", {content}); }

struct SignedAnnouncement {
  ByteVector content;
  Signature signature{};
  Announcement announcement;

  Digest digest() const noexcept { return announcement_digest(content); }
};

// Ranges: what decode_announcement accepts and encode_announcement demands.
bool is_valid(const Announcement& a) noexcept;
ByteVector encode_announcement(const Announcement& announcement);
// Layout and ranges only; not the signature.
Result<Announcement, AnnouncementError> decode_announcement(Bytes content);
SignedAnnouncement sign_announcement(const SigningKey& keymaster, const ClusterId& cluster, Announcement a);
// `signer_key` is the identity key of the credential that the content names; the caller checks the role.
Result<SignedAnnouncement, AnnouncementError> verify_announcement(const PublicKey& signer_key,
                                                                  const ClusterId& cluster, Bytes content,
                                                                  const Signature& signature);

Digest first_seed(const ClusterId& cluster) noexcept;
Digest next_seed(const Digest& seed, Epoch next) noexcept;

}  // namespace quorumor
