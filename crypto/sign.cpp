#include "crypto/sign.h"

#include <sodium.h>

#include "base/assert.h"

namespace quorumor {
namespace {

constexpr std::size_t kDomainBytes = 16;
constexpr std::size_t kPrefixBytes = kDomainBytes + sizeof(ClusterId);

// The signing domains, in the order of SignDomain. They never change: a change invalidates every signature.
constexpr std::array<std::string_view, 10> kDomains = {
    "quorumor cred",  "quorumor core",  "quorumor accuse",  "quorumor epoch",  "quorumor revoke",
    "quorumor leave", "quorumor event", "quorumor session", "quorumor request", "quorumor endorse"};

constexpr bool domains_are_sound() noexcept {
  for (std::size_t i = 0; i < kDomains.size(); ++i) {
    if (kDomains[i].empty() || kDomains[i].size() > kDomainBytes) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (kDomains[i] == kDomains[j]) return false;
    }
  }
  return kDomains.size() == static_cast<std::size_t>(SignDomain::endorsement) + 1;
}
static_assert(domains_are_sound(), "a domain of at most 16 characters for each purpose, all different");

// What is signed: domain || ClusterId || content. On the stack, because signing must not allocate.
class Message {
 public:
  Message(SignDomain domain, const ClusterId& cluster, Bytes content) noexcept
      : size_(kPrefixBytes + content.size()) {
    const std::string_view name = kDomains[static_cast<std::size_t>(domain)];
    std::memset(bytes_.data(), 0, kDomainBytes);
    std::memcpy(bytes_.data(), name.data(), name.size());
    std::memcpy(bytes_.data() + kDomainBytes, cluster.data(), cluster.size());
    if (!content.empty()) std::memcpy(bytes_.data() + kPrefixBytes, content.data(), content.size());
  }
  const unsigned char* data() const noexcept { return uchar(Bytes(bytes_)); }
  std::size_t size() const noexcept { return size_; }

 private:
  ByteArray<kPrefixBytes + kSignedContentMax> bytes_;
  std::size_t size_;
};

}  // namespace

SigningKey SigningKey::from_seed(std::span<const std::byte, 32> seed) noexcept {
  SigningKey out;
  out.key_ = Secret<64>::zeroed();
  crypto_sign_seed_keypair(uchar(MutableBytes(out.public_key_)), out.key_.data(), uchar(Bytes(seed)));
  return out;
}

SigningKey SigningKey::generate(Rng& secret_rng) noexcept {
  auto fresh = Secret<32>::zeroed();
  secret_rng.fill(fresh.bytes());
  return from_seed(fresh.bytes());
}

Signature SigningKey::sign(SignDomain domain, const ClusterId& cluster, Bytes content) const noexcept {
  QUORUMOR_ASSERT(key_);
  QUORUMOR_ASSERT(content.size() <= kSignedContentMax);
  const Message message(domain, cluster, content);
  Signature out;
  crypto_sign_detached(uchar(MutableBytes(out)), nullptr, message.data(), message.size(), key_.data());
  return out;
}

Secret<32> SigningKey::seed() const noexcept {
  QUORUMOR_ASSERT(key_);
  return Secret<32>::copy_of(key_.bytes().first<32>());  // libsodium's secret key is seed || public key
}

bool verify(const PublicKey& key, SignDomain domain, const ClusterId& cluster, Bytes content,
            const Signature& signature) noexcept {
  if (content.size() > kSignedContentMax) return false;
  crypto_init();
  const Message message(domain, cluster, content);
  return crypto_sign_verify_detached(uchar(Bytes(signature)), message.data(), message.size(),
                                     uchar(Bytes(key))) == 0;
}

bool is_valid_public_key(const PublicKey& key) noexcept {
  crypto_init();
  return crypto_core_ed25519_is_valid_point(uchar(Bytes(key))) == 1;
}

}  // namespace quorumor
