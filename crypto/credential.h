// Who a member is, in the authority's words. A credential binds a NodeId that the authority chose to an
// identity key, a name, a zone and roles, for a time. The highest serial of an id wins: re-issuing renews,
// recovers a stolen key, and is the only pardon for an eviction.
//
// Content, little-endian, signed by the authority under SignDomain::credential (ClusterId is in the signature,
// hence not repeated in the content):
//   version u8 = 1 | id 16 | identity key 32 | serial u64 | not_before i64 s | not_after i64 s
//   | name str8 | zone str8 | role count u8 | role str8 ...
#pragma once

#include "base/names.h"
#include "base/result.h"
#include "base/strong.h"
#include "base/time.h"
#include "crypto/authorities.h"

#include <string>
#include <vector>

namespace quorumor {

inline constexpr std::size_t kRolesMax = 4;
inline constexpr std::size_t kCredentialContentMax =
    1 + 16 + 32 + 3 * 8 + (1 + kNameMax) * (2 + kRolesMax) + 1;
inline constexpr std::string_view kKeymasterRole = "keymaster";
// Clocks differ: a credential gates new sessions with this tolerance on both ends. It never changes the state
// of a member that is already in.
inline constexpr std::chrono::seconds kClockTolerance{3600};

struct Credential {
  NodeId id{};
  PublicKey identity{};
  Serial serial;
  WallTime not_before;  // whole seconds
  WallTime not_after;
  std::string name;
  std::string zone;  // may be empty
  std::vector<std::string> roles;

  bool has_role(std::string_view role) const noexcept;
  friend bool operator==(const Credential&, const Credential&) = default;
};

enum class CredentialError : std::uint8_t { malformed, bad_key, bad_name, bad_validity, bad_signature };
enum class Validity : std::uint8_t { valid, not_yet, expired };

// A credential as it travels: the bytes that were signed, the signature, and what the bytes say.
struct SignedCredential {
  ByteVector content;
  Signature signature{};
  Credential credential;
};

// Requires: valid names, a valid identity key, not_before < not_after, at most kRolesMax roles.
ByteVector encode_credential(const Credential& credential);
// Checks layout, names, key and validity range; not the signature. Nothing but an exact encoding passes.
Result<Credential, CredentialError> decode_credential(Bytes content);

SignedCredential issue_credential(const SigningKey& authority, const ClusterId& cluster, Credential credential);
Result<SignedCredential, CredentialError> verify_credential(const PublicKey& authority, const ClusterId& cluster,
                                                            Bytes content, const Signature& signature);
// The same under any of the cluster's authorities.
Result<SignedCredential, CredentialError> verify_credential(const Authorities& authorities, Bytes content,
                                                            const Signature& signature);
Validity check_validity(const Credential& credential, WallTime now) noexcept;

}  // namespace quorumor
