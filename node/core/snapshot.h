// What a node remembers of the others across a restart: signed records, verified again before use. They are
// floors (nothing older of an id is believed again) and places to dial, never facts about who is alive.
//
// Beside them: which events of each were told already (membership/event_window.h), so that a restart tells none twice,
// and the live peak: the most members held live at once, which quorums are computed from.
//
// Layout: "QSNAP2" | cluster id 32 | live peak u32 | member count u32 | {credential bytes16 | core bytes16 |
// body bytes16} ... | window count u32 | {origin 16 | generation u64 | from u64 | newest u64 | seen u64 x 16} ... |
// BLAKE2b-256 of all before. Integers are little-endian. A damaged snapshot is set aside; it costs speed, and events
// that are still live may be told again.
#pragma once

#include "base/result.h"
#include "crypto/cluster.h"
#include "membership/event_window.h"

#include <vector>

namespace quorumor {

struct SnapshotRecord {
  ByteVector credential;  // content || signature
  ByteVector core;        // content || signature; may be empty
  ByteVector body;        // may be empty
};
struct SnapshotWindow {
  NodeId origin{};
  Generation generation;  // of the origin: the window of another process says nothing
  EventWindow::Saved window;
  friend bool operator==(const SnapshotWindow&, const SnapshotWindow&) = default;
};
struct Snapshot {
  std::uint32_t live_peak = 0;  // 0: unknown
  std::vector<SnapshotRecord> members;
  std::vector<SnapshotWindow> windows;
};
inline constexpr std::size_t kSnapshotMembersMax = 16384;
// A record's three parts, each signed or digested elsewhere, are 528, 179 and 1,000 bytes at most.
inline constexpr std::size_t kSnapshotRecordMax = 2048;
inline constexpr std::size_t kSnapshotWindowsMax = kSnapshotMembersMax;
inline constexpr std::size_t kSnapshotWindow = 16 + 8 + 8 + 8 + 8 * EventWindow::kWords;
inline constexpr std::size_t kSnapshotBytesMax = 6 + 32 + 4 + 4 + 4 + 32 +
                                                 kSnapshotMembersMax * (kSnapshotRecordMax + 3 * 2) +
                                                 kSnapshotWindowsMax * kSnapshotWindow;

enum class SnapshotError : std::uint8_t { damaged, wrong_cluster };
// Requires: at most kSnapshotMembersMax members, each of at most kSnapshotRecordMax bytes, and kSnapshotWindowsMax
// windows.
ByteVector encode_snapshot(const ClusterId& cluster, const Snapshot& snapshot);
Result<Snapshot, SnapshotError> decode_snapshot(const ClusterId& cluster, Bytes bytes);

}  // namespace quorumor
