// What a node remembers of the others across a restart: signed records, verified again before use. They are
// floors (nothing older of an id is believed again) and places to dial, never facts about who is alive.
//
// Layout: "QSNAP1" | cluster id 32 | count u32 | {credential bytes16 | core bytes16 | body bytes16} ... |
// BLAKE2b-256 of all before. A damaged snapshot is set aside and costs only speed.
#pragma once

#include "base/result.h"
#include "crypto/cluster.h"

#include <vector>

namespace quorumor {

struct SnapshotRecord {
  ByteVector credential;  // content || signature
  ByteVector core;        // content || signature; may be empty
  ByteVector body;        // may be empty
};
struct Snapshot {
  std::vector<SnapshotRecord> members;
};
inline constexpr std::size_t kSnapshotMembersMax = 16384;
// A record's three parts, each signed or digested elsewhere, are 528, 179 and 1,000 bytes at most.
inline constexpr std::size_t kSnapshotRecordMax = 2048;
inline constexpr std::size_t kSnapshotBytesMax =
    6 + 32 + 4 + 32 + kSnapshotMembersMax * (kSnapshotRecordMax + 3 * 2);

enum class SnapshotError : std::uint8_t { damaged, wrong_cluster };
// Requires: at most kSnapshotMembersMax members, each of at most kSnapshotRecordMax bytes.
ByteVector encode_snapshot(const ClusterId& cluster, const Snapshot& snapshot);
Result<Snapshot, SnapshotError> decode_snapshot(const ClusterId& cluster, Bytes bytes);

}  // namespace quorumor
