#include "crypto/cluster.h"

namespace quorumor {

ClusterId make_cluster_id(const ByteArray<32>& authority, std::string_view label) noexcept {
  // The key has a fixed size and the label comes last, so no two pairs give the same bytes.
  return hash("quorumor cluster", {authority, as_bytes(label)});
}

}  // namespace quorumor
