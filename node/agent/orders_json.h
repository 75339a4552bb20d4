// Bodies of the admin API's orders: what an operator brings to a running agent.
#pragma once

#include "base/bytes.h"
#include "node/driver/failure.h"

#include <string>
#include <string_view>

namespace quorumor {

// {"record": "hex"}: content || signature of a revocation or a force-leave, as they travel (wire/records.h).
Fallible<ByteVector> parse_record(std::string_view body);
std::string record_json(Bytes record);

}  // namespace quorumor
