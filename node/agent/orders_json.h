// Bodies of the admin API's orders: what an operator brings to a running agent.
#pragma once

#include "base/bytes.h"
#include "node/driver/failure.h"

#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

// A revocation or a force-leave, as they travel (content || signature, wire/records.h), and the endorsements that it
// may stand under: an order of a standby authority may be the first that a cluster hears of it.
struct AuthorityOrder {
  ByteVector record;
  std::vector<ByteVector> endorsements{};
};

// {"record": "hex"}, or {"record": "hex", "endorsements": ["hex", ...]} with 1 to kEndorsedMax of them.
Fallible<AuthorityOrder> parse_order(std::string_view body);
std::string order_json(const AuthorityOrder& order);

}  // namespace quorumor
