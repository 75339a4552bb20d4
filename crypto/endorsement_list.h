// Endorsements as they stand in files, bundles and orders alike: count u8 | {record bytes16} ...
#pragma once

#include "base/codec.h"
#include "crypto/authorities.h"

namespace quorumor {

// Requires: at most kEndorsedMax.
void write_endorsements(Writer& out, const std::vector<ByteVector>& records);
// False unless there are 1 to kEndorsedMax records, each of them news to `authorities` in the order in which they
// stand; `reader` has failed then if it was cut short. Nothing is allocated before its size is known.
bool read_endorsements(Reader& reader, Authorities& authorities);

}  // namespace quorumor
