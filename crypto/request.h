// A node's request to be admitted: its public key, signed by itself (proof of possession), as one line of text
// that a person can paste: "qreq1-" and lower-case hex of key, signature and a 4-byte checksum.
// The checksum only tells a copying mistake from a forgery.
#pragma once

#include "base/result.h"
#include "crypto/sign.h"

#include <string>
#include <string_view>

namespace quorumor {

enum class RequestError : std::uint8_t { not_a_token, damaged, bad_key, bad_signature };

std::string make_request_token(const SigningKey& identity);
// Ensures: the returned key signed the token and is a valid public key.
Result<PublicKey, RequestError> parse_request_token(std::string_view token);

}  // namespace quorumor
