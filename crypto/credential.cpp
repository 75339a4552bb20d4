#include "crypto/credential.h"

#include <algorithm>

#include "base/assert.h"
#include "base/codec.h"

namespace quorumor {
namespace {

constexpr std::uint8_t kVersion = 1;
// The end of the year 9999. Times are read from strangers as seconds and kept as milliseconds: without a
// bound the conversion overflows.
constexpr std::int64_t kLatest = 253'402'300'799;

std::string to_string(Bytes bytes) { return std::string(as_text(bytes)); }

bool has_valid_names(const Credential& c) noexcept {
  return is_valid_name(c.name) && (c.zone.empty() || is_valid_name(c.zone)) &&
         std::all_of(c.roles.begin(), c.roles.end(), [](const std::string& r) { return is_valid_name(r); });
}

}  // namespace

bool Credential::has_role(std::string_view role) const noexcept {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

ByteVector encode_credential(const Credential& c) {
  QUORUMOR_ASSERT(has_valid_names(c) && c.roles.size() <= kRolesMax);
  QUORUMOR_ASSERT(is_valid_public_key(c.identity));
  const std::int64_t not_before = unix_seconds(c.not_before);
  const std::int64_t not_after = unix_seconds(c.not_after);
  QUORUMOR_ASSERT(c.not_before == wall_from_seconds(not_before) &&
                  c.not_after == wall_from_seconds(not_after));
  QUORUMOR_ASSERT(not_before >= 0 && not_before < not_after && not_after <= kLatest);

  ByteArray<kCredentialContentMax> buffer;
  Writer w(buffer);
  w.u8(kVersion);
  w.raw(c.id);
  w.raw(c.identity);
  w.u64(c.serial.value);
  w.i64(not_before);
  w.i64(not_after);
  w.bytes8(as_bytes(c.name));
  w.bytes8(as_bytes(c.zone));
  w.u8(static_cast<std::uint8_t>(c.roles.size()));
  for (const std::string& role : c.roles) w.bytes8(as_bytes(role));
  QUORUMOR_ASSERT(!w.failed());
  return to_vector(w.finish());
}

Result<Credential, CredentialError> decode_credential(Bytes content) {
  Reader r(content);
  const std::uint8_t version = r.u8();
  Credential out;
  out.id = r.array<16>();
  out.identity = r.array<32>();
  out.serial = Serial{r.u64()};
  const std::int64_t not_before = r.i64();
  const std::int64_t not_after = r.i64();
  out.name = to_string(r.bytes8());
  out.zone = to_string(r.bytes8());
  const std::size_t roles = r.u8();
  if (r.failed() || version != kVersion || roles > kRolesMax) return CredentialError::malformed;
  for (std::size_t i = 0; i < roles; ++i) out.roles.push_back(to_string(r.bytes8()));
  if (!r.finish()) return CredentialError::malformed;

  if (!has_valid_names(out)) return CredentialError::bad_name;
  if (not_before < 0 || not_before >= not_after || not_after > kLatest) return CredentialError::bad_validity;
  out.not_before = wall_from_seconds(not_before);
  out.not_after = wall_from_seconds(not_after);
  if (!is_valid_public_key(out.identity)) return CredentialError::bad_key;
  return out;
}

SignedCredential issue_credential(const SigningKey& authority, const ClusterId& cluster,
                                  Credential credential) {
  // The content carries whole seconds; what this returns must say exactly what was signed.
  credential.not_before = wall_from_seconds(unix_seconds(credential.not_before));
  credential.not_after = wall_from_seconds(unix_seconds(credential.not_after));
  SignedCredential out;
  out.content = encode_credential(credential);
  out.signature = authority.sign(SignDomain::credential, cluster, out.content);
  out.credential = std::move(credential);
  return out;
}

Result<SignedCredential, CredentialError> verify_credential(const PublicKey& authority,
                                                            const ClusterId& cluster, Bytes content,
                                                            const Signature& signature) {
  return verify_credential(Authorities(authority, cluster), content, signature);
}

Result<SignedCredential, CredentialError> verify_credential(const Authorities& authorities, Bytes content,
                                                            const Signature& signature) {
  BOOST_OUTCOME_TRY(auto credential, decode_credential(content));
  if (!authorities.verify(SignDomain::credential, content, signature)) return CredentialError::bad_signature;
  return SignedCredential{to_vector(content), signature, std::move(credential)};
}

Validity check_validity(const Credential& credential, WallTime now) noexcept {
  if (now < credential.not_before - kClockTolerance) return Validity::not_yet;
  if (now > credential.not_after + kClockTolerance) return Validity::expired;
  return Validity::valid;
}

}  // namespace quorumor
