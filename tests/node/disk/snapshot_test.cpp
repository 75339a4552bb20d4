#include "node/core/snapshot.h"

#include "helpers.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

Snapshot make_snapshot(std::size_t members) {
  Snapshot out;
  for (std::size_t i = 0; i < members; ++i) {
    SnapshotRecord record;
    record.credential = to_vector(as_bytes("credential " + std::to_string(i)));
    if (i % 2 == 0) record.core = ByteVector(179, std::byte{static_cast<unsigned char>(i)});
    if (i % 3 == 0) record.body = ByteVector(1000, std::byte{9});
    out.members.push_back(std::move(record));
    if (i % 2 == 1) continue;
    SnapshotWindow window;
    window.origin.fill(std::byte{static_cast<unsigned char>(i)});
    window.generation = Generation{i << 20};
    window.window = {Sequence{i}, Sequence{i + 7}, {}};
    window.window.seen[i % EventWindow::kWords] = ~std::uint64_t{i};
    out.windows.push_back(window);
  }
  out.live_peak = static_cast<std::uint32_t>(members * 3);
  return out;
}

ClusterId cluster_of(unsigned char n) {
  ClusterId out{};
  out[3] = std::byte{n};
  return out;
}

bool is_same(const Snapshot& a, const Snapshot& b) {
  if (a.members.size() != b.members.size() || a.windows != b.windows || a.live_peak != b.live_peak) return false;
  for (std::size_t i = 0; i < a.members.size(); ++i) {
    const auto& x = a.members[i];
    const auto& y = b.members[i];
    if (x.credential != y.credential || x.core != y.core || x.body != y.body) return false;
  }
  return true;
}

// What decode says of content with a right checksum.
Result<Snapshot, SnapshotError> decode_content(const ClusterId& cluster, ByteVector content) {
  const Digest checksum = hash("quorumor snapshot", {content});
  content.insert(content.end(), checksum.begin(), checksum.end());
  return decode_snapshot(cluster, content);
}

}  // namespace

TEST_CASE("snapshots come back as they were") {
  for (const std::size_t members : {0U, 1U, 7U, 300U}) {
    CAPTURE(members);
    const Snapshot before = make_snapshot(members);
    const auto after = decode_snapshot(cluster_of(1), encode_snapshot(cluster_of(1), before));
    REQUIRE(after.has_value());
    CHECK(is_same(before, after.value()));
  }
}

TEST_CASE("the largest snapshot fits its bound") {
  Snapshot full;
  SnapshotRecord largest;
  largest.credential = ByteVector(kSnapshotRecordMax);
  full.members.assign(kSnapshotMembersMax, largest);
  full.windows.resize(kSnapshotWindowsMax);
  const ByteVector bytes = encode_snapshot(cluster_of(1), full);
  CHECK(bytes.size() == kSnapshotBytesMax);
  CHECK(decode_snapshot(cluster_of(1), bytes).has_value());
}

TEST_CASE("any cut and any flipped bit is damage") {
  const ByteVector bytes = encode_snapshot(cluster_of(1), make_snapshot(2));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = decode_snapshot(cluster_of(1), Bytes(bytes).first(size));
    REQUIRE(!cut.has_value());
    CHECK(cut.error() == SnapshotError::damaged);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ByteVector flipped = bytes;
    flipped[i] ^= std::byte{static_cast<unsigned char>(1U << (i % 8))};
    const auto decoded = decode_snapshot(cluster_of(1), flipped);
    REQUIRE(!decoded.has_value());
    CHECK(decoded.error() == SnapshotError::damaged);
  }
  ByteVector longer = bytes;
  longer.push_back(std::byte{0});
  CHECK(!decode_snapshot(cluster_of(1), longer).has_value());
}

TEST_CASE("what a right checksum covers is still judged") {
  const ByteVector whole = encode_snapshot(cluster_of(1), make_snapshot(2));
  const ByteVector content(whole.begin(), whole.end() - 32);
  REQUIRE(decode_content(cluster_of(1), content).has_value());

  const auto other = decode_content(cluster_of(2), content);
  REQUIRE(!other.has_value());
  CHECK(other.error() == SnapshotError::wrong_cluster);

  constexpr std::size_t kCountAt = 6 + 32 + 4;
  for (const std::uint32_t count : {0U, 1U, 3U, 16384U, 16385U, 0xffffffffU}) {
    CAPTURE(count);
    ByteVector odd = content;
    store_le<std::uint32_t>(odd.data() + kCountAt, count);
    const auto decoded = decode_content(cluster_of(1), odd);
    REQUIRE(!decoded.has_value());
    CHECK(decoded.error() == SnapshotError::damaged);
  }
  ByteVector magic = content;
  magic[0] = std::byte{'X'};
  CHECK(!decode_content(cluster_of(1), magic).has_value());
  ByteVector former = content;
  former[5] = std::byte{'1'};  // layout 1 had no windows: set aside
  CHECK(!decode_content(cluster_of(1), former).has_value());
  // One window, at the end; another number of them than there are is damage.
  const std::size_t windows_at = content.size() - kSnapshotWindow - 4;
  CHECK(load_le<std::uint32_t>(content.data() + windows_at) == 1);
  for (const std::uint32_t count : {0U, 2U, 16385U, 0xffffffffU}) {
    CAPTURE(count);
    ByteVector odd = content;
    store_le<std::uint32_t>(odd.data() + windows_at, count);
    CHECK(!decode_content(cluster_of(1), odd).has_value());
  }
  ByteVector many(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(windows_at));
  many.resize(windows_at + 4 + (kSnapshotWindowsMax + 1) * kSnapshotWindow);
  store_le<std::uint32_t>(many.data() + windows_at, kSnapshotWindowsMax + 1);
  CHECK(!decode_content(cluster_of(1), many).has_value());
  ByteVector tail = content;
  tail.push_back(std::byte{0});
  CHECK(!decode_content(cluster_of(1), tail).has_value());

  // A record over its bound: three parts of 65,535 bytes.
  ByteVector large(content.begin(), content.begin() + kCountAt);
  for (const std::byte b : {std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}}) large.push_back(b);
  for (int part = 0; part < 3; ++part) {
    large.insert(large.end(), 2, std::byte{0xff});
    large.insert(large.end(), 0xffff, std::byte{0});
  }
  CHECK(!decode_content(cluster_of(1), large).has_value());
}
