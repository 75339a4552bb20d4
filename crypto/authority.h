// The authority's key, from the system or from a passphrase, and what it hands to a node: a bundle
// {credential, authority key, label} that `quorumor node install` puts in place.
//
// Bundle: "QBNDL1" | authority key 32 | label str8 | content bytes16 | signature 64. It is no secret.
// One of a standby authority (authorities.h) is "QBNDL2" and has its endorsements, count u8 | {record bytes16} ...,
// behind the label: the key is the root's, and the credential verifies under any of them.
#pragma once

#include "crypto/credential.h"

namespace quorumor {

struct Bundle {
  PublicKey authority{};  // the root, which the cluster is named by
  std::string label;
  SignedCredential credential;
  std::vector<ByteVector> endorsements{};  // none: issued by `authority` itself

  ClusterId cluster() const noexcept { return make_cluster_id(authority, label); }
};
inline constexpr std::size_t kBundleMax = 6 + 32 + 1 + kNameMax + 2 + kCredentialContentMax + 64 + kEndorsementListMax;

ByteVector encode_bundle(const Bundle& bundle);
// Ensures: the credential verifies under the bundle's own authority and label, or under what these endorsed.
Result<Bundle, CredentialError> decode_bundle(Bytes bytes);

// The authority key of a shared-secret cluster: Argon2id over the passphrase, salted with the label. The same
// words and label give the same key on every node. Requires (checked): an estimate of at least 80 bits.
enum class SharedSecretError : std::uint8_t { too_weak, out_of_memory };
Result<SigningKey, SharedSecretError> authority_from_shared_secret(std::string_view passphrase,
                                                                   std::string_view label);
// A conservative estimate in bits: characters times the log2 of the distinct ones seen; nothing for repeats,
// sequences and separators after their first; 1.75 bits for a letter among letters of its case, since it may
// be part of a word.
unsigned estimate_strength_bits(std::string_view passphrase) noexcept;

}  // namespace quorumor
