// BLAKE2b (RFC 7693) with domains. Every hash in the project is over a domain (a short ASCII string, absorbed
// as one length byte and its characters) and then the parts in order, so that a value hashed for one purpose
// never equals one hashed for another. Keyed BLAKE2b is the project's PRF and key derivation.
#pragma once

#include "base/bytes.h"
#include "crypto/secret.h"

#include <initializer_list>
#include <string_view>

namespace quorumor {

using Digest = ByteArray<32>;

// BLAKE2b-256(len(domain) || domain || parts...). Requires: domain of 1 to 64 characters.
Digest hash(std::string_view domain, std::initializer_list<Bytes> parts) noexcept;

// The first 8 bytes of `hash`, little-endian: for ranks and tables, never for anything signed.
std::uint64_t hash_u64(std::string_view domain, std::initializer_list<Bytes> parts) noexcept;

// Keyed BLAKE2b into `out` (16 to 64 bytes). Requires: key of 16 to 64 bytes.
void keyed_hash(MutableBytes out, Bytes key, std::string_view domain, std::initializer_list<Bytes> parts) noexcept;

// SipHash-2-4 under a 16-byte key: table keys and membership digests, where 64 bits under a secret suffice.
std::uint64_t siphash(const ByteArray<16>& key, Bytes bytes) noexcept;

}  // namespace quorumor
