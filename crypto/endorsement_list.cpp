#include "crypto/endorsement_list.h"

#include "base/assert.h"

namespace quorumor {

void write_endorsements(Writer& out, const std::vector<ByteVector>& records) {
  QUORUMOR_ASSERT(records.size() <= kEndorsedMax);
  out.u8(static_cast<std::uint8_t>(records.size()));
  for (const ByteVector& record : records) out.bytes16(record);
}

bool read_endorsements(Reader& reader, Authorities& authorities) {
  const std::size_t count = reader.u8();
  if (reader.failed() || count == 0 || count > kEndorsedMax) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes record = reader.bytes16();
    if (reader.failed() || authorities.endorse(record) != Authorities::Fit::news) return false;
  }
  return true;
}

}  // namespace quorumor
