// How everything that is signed travels and is stored: as one record, content || signature. What a content means, and
// whose signature it wants, is its reader's business.
#pragma once

#include "crypto/sign.h"

#include <cstring>

namespace quorumor {

// Longer than a signature. Whoever takes one apart asks first.
inline bool is_signed_record(Bytes record) noexcept { return record.size() > sizeof(Signature); }
// Requires, both: is_signed_record. A view into the record.
inline Bytes content_of(Bytes record) noexcept { return record.first(record.size() - sizeof(Signature)); }
inline Signature signature_of(Bytes record) noexcept {
  Signature out;
  std::memcpy(out.data(), record.last(out.size()).data(), out.size());
  return out;
}

// Copies content || signature.
inline ByteVector join_record(Bytes content, const Signature& signature) {
  ByteVector out;
  out.reserve(content.size() + signature.size());
  out.insert(out.end(), content.begin(), content.end());
  out.insert(out.end(), signature.begin(), signature.end());
  return out;
}

}  // namespace quorumor
