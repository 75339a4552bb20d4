#include "node/core/snapshot.h"

#include "base/assert.h"
#include "base/codec.h"

namespace quorumor {
namespace {

constexpr std::string_view kMagic = "QSNAP2";
constexpr std::size_t kChecksumBytes = sizeof(Digest);
constexpr std::size_t kHeaderBytes = 6 + 32 + 4 + 4;

Digest checksum(Bytes bytes) noexcept { return hash("quorumor snapshot", {bytes}); }

std::size_t content_bytes(const SnapshotRecord& record) noexcept {
  return record.credential.size() + record.core.size() + record.body.size();
}

void write_window(Writer& w, const SnapshotWindow& window) noexcept {
  w.raw(window.origin);
  w.u64(window.generation.value);
  w.u64(window.window.from.value);
  w.u64(window.window.newest.value);
  for (const std::uint64_t word : window.window.seen) w.u64(word);
}

SnapshotWindow read_window(Reader& r) noexcept {
  SnapshotWindow out;
  out.origin = r.array<16>();
  out.generation.value = r.u64();
  out.window.from.value = r.u64();
  out.window.newest.value = r.u64();
  for (std::uint64_t& word : out.window.seen) word = r.u64();
  return out;
}

}  // namespace

ByteVector encode_snapshot(const ClusterId& cluster, const Snapshot& snapshot) {
  QUORUMOR_ASSERT(snapshot.members.size() <= kSnapshotMembersMax);
  QUORUMOR_ASSERT(snapshot.windows.size() <= kSnapshotWindowsMax);
  std::size_t size = kHeaderBytes + sizeof(std::uint32_t) + snapshot.windows.size() * kSnapshotWindow;
  for (const SnapshotRecord& record : snapshot.members) {
    QUORUMOR_ASSERT(content_bytes(record) <= kSnapshotRecordMax);
    size += content_bytes(record) + 3 * sizeof(std::uint16_t);
  }

  ByteVector out(size + kChecksumBytes);
  Writer w(out);
  w.raw(as_bytes(kMagic));
  w.raw(cluster);
  w.u32(snapshot.live_peak);
  w.u32(static_cast<std::uint32_t>(snapshot.members.size()));
  for (const SnapshotRecord& record : snapshot.members) {
    w.bytes16(record.credential);
    w.bytes16(record.core);
    w.bytes16(record.body);
  }
  w.u32(static_cast<std::uint32_t>(snapshot.windows.size()));
  for (const SnapshotWindow& window : snapshot.windows) write_window(w, window);
  w.raw(checksum(w.finish()));
  QUORUMOR_ASSERT(w.finish().size() == out.size());
  return out;
}

Result<Snapshot, SnapshotError> decode_snapshot(const ClusterId& cluster, Bytes bytes) {
  if (bytes.size() < kHeaderBytes + kChecksumBytes) return SnapshotError::damaged;
  const Bytes content = bytes.first(bytes.size() - kChecksumBytes);
  if (!equal(checksum(content), bytes.last(kChecksumBytes))) return SnapshotError::damaged;

  Reader r(content);
  const bool has_magic = equal(r.raw(kMagic.size()), as_bytes(kMagic));
  const ClusterId of = r.array<32>();
  const std::uint32_t live_peak = r.u32();
  const std::size_t count = r.u32();
  if (!has_magic || count > kSnapshotMembersMax) return SnapshotError::damaged;
  if (of != cluster) return SnapshotError::wrong_cluster;

  Snapshot out;
  out.live_peak = live_peak;
  for (std::size_t i = 0; i < count && !r.failed(); ++i) {
    SnapshotRecord record;
    record.credential = to_vector(r.bytes16());
    record.core = to_vector(r.bytes16());
    record.body = to_vector(r.bytes16());
    if (content_bytes(record) > kSnapshotRecordMax) return SnapshotError::damaged;
    out.members.push_back(std::move(record));
  }
  const std::size_t windows = r.u32();
  if (windows > kSnapshotWindowsMax) return SnapshotError::damaged;
  for (std::size_t i = 0; i < windows && !r.failed(); ++i) out.windows.push_back(read_window(r));
  if (!r.finish()) return SnapshotError::damaged;
  return out;
}

}  // namespace quorumor
