#include "crypto/request.h"

#include "base/codec.h"

namespace quorumor {
namespace {

constexpr std::string_view kPrefix = "qreq1-";
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kTokenBytes = 32 + 64 + kChecksumBytes;

// A node that asks to be admitted belongs to no cluster yet.
constexpr ClusterId kNoCluster{};

ByteArray<kChecksumBytes> checksum(const PublicKey& key, const Signature& signature) noexcept {
  const Digest digest = hash("quorumor request", {key, signature});
  ByteArray<kChecksumBytes> out;
  std::memcpy(out.data(), digest.data(), out.size());
  return out;
}

}  // namespace

std::string make_request_token(const SigningKey& identity) {
  const PublicKey& key = identity.public_key();
  const Signature signature = identity.sign(SignDomain::request, kNoCluster, key);
  return std::string(kPrefix) + to_hex(key) + to_hex(signature) + to_hex(checksum(key, signature));
}

Result<PublicKey, RequestError> parse_request_token(std::string_view token) {
  if (token.substr(0, kPrefix.size()) != kPrefix) return RequestError::not_a_token;
  const std::string_view digits = token.substr(kPrefix.size());
  if (digits.size() != 2 * kTokenBytes) return RequestError::damaged;
  const auto bytes = from_hex(digits);
  if (!bytes || to_hex(*bytes) != digits) return RequestError::damaged;  // one spelling only

  Reader r(*bytes);
  const auto key = r.array<32>();
  const auto signature = r.array<64>();
  if (r.array<kChecksumBytes>() != checksum(key, signature) || !r.finish()) return RequestError::damaged;
  if (!is_valid_public_key(key)) return RequestError::bad_key;
  if (!verify(key, SignDomain::request, kNoCluster, key, signature)) return RequestError::bad_signature;
  return key;
}

}  // namespace quorumor
