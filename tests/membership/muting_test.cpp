#include "membership/muting.h"

#include <doctest/doctest.h>

namespace quorumor {
namespace {

NodeId id(unsigned n) {
  NodeId out{};
  out[0] = std::byte(n & 0xff);
  out[1] = std::byte(n >> 8);
  return out;
}

constexpr Instant kStart{1000s};

TEST_CASE("muting: two refutations mute, of that accuser alone") {
  Muting m;
  CHECK(m.empty());
  CHECK(!m.is_muted(id(1), kStart));
  m.refuted(id(1), kStart);
  CHECK(!m.empty());
  CHECK(!m.is_muted(id(1), kStart));
  m.refuted(id(1), kStart + 1s);
  CHECK(m.is_muted(id(1), kStart + 1s));
  CHECK(m.refutations(id(1), kStart + 1s) == 2);
  CHECK(!m.is_muted(id(2), kStart + 1s));
  m.refuted(id(2), kStart + 1s);
  std::vector<NodeId> muted{id(9)};
  m.muted(kStart + 1s, muted);
  CHECK(muted == std::vector<NodeId>{id(9), id(1)});
}

TEST_CASE("muting: one refutation is forgiven each ten minutes") {
  Muting m;
  for (int i = 0; i < 3; ++i) m.refuted(id(1), kStart);
  struct {
    Duration after;
    unsigned left;
  } const table[] = {{0s, 3}, {10min - 1s, 3}, {10min, 2}, {20min - 1s, 2}, {20min, 1}, {30min, 0}, {1000h, 0}};
  for (const auto& row : table) {
    CHECK(m.refutations(id(1), kStart + row.after) == row.left);
    CHECK(m.is_muted(id(1), kStart + row.after) == (row.left >= 2));
  }
}

TEST_CASE("muting: forgiveness goes on from whole ten minutes, whenever one is refuted again") {
  Muting m;
  m.refuted(id(1), kStart);
  m.refuted(id(1), kStart + 9min);  // does not put off the first one's forgiveness
  CHECK(m.refutations(id(1), kStart + 10min) == 1);
  m.refuted(id(1), kStart + 15min);
  CHECK(m.is_muted(id(1), kStart + 19min));
  CHECK(!m.is_muted(id(1), kStart + 20min));
}

TEST_CASE("muting: nobody is muted for longer than four refutations last") {
  Muting m;
  for (int i = 0; i < 1000; ++i) m.refuted(id(1), kStart);
  CHECK(m.refutations(id(1), kStart) == 4);
  CHECK(m.is_muted(id(1), kStart + 30min - 1s));
  CHECK(!m.is_muted(id(1), kStart + 30min));
}

TEST_CASE("muting: a clock that does not move forgives nothing; one that goes back neither") {
  Muting m;
  m.refuted(id(1), kStart);
  CHECK(m.refutations(id(1), kStart - 1h) == 1);
  m.refuted(id(1), kStart - 1h);
  CHECK(m.is_muted(id(1), kStart));
}

TEST_CASE("muting: bounded; who was refuted longest ago gives way") {
  Muting m;
  for (unsigned i = 0; i < Muting::kMutingMax; ++i) {
    m.refuted(id(i), kStart + std::chrono::seconds(i));
    m.refuted(id(i), kStart + std::chrono::seconds(i));
  }
  const Instant later = kStart + 100s;
  m.refuted(id(0), later);  // again: it is now the latest
  m.refuted(id(500), later);
  CHECK(m.is_muted(id(0), later));
  CHECK(!m.is_muted(id(1), later));
  CHECK(m.refutations(id(1), later) == 0);
  CHECK(m.is_muted(id(2), later));
  CHECK(m.refutations(id(500), later) == 1);
  std::vector<NodeId> muted;
  m.muted(later, muted);
  CHECK(muted.size() == Muting::kMutingMax - 1);
}

TEST_CASE("muting: who is wholly forgiven makes room first") {
  Muting m;
  for (unsigned i = 0; i < Muting::kMutingMax; ++i) {
    m.refuted(id(i), kStart);
    if (i == 0) m.refuted(id(i), kStart);
  }
  const Instant later = kStart + 10min;  // all but the first have none left
  for (unsigned i = 100; i < 100 + Muting::kMutingMax - 1; ++i) m.refuted(id(i), later);
  CHECK(m.refutations(id(0), later) == 1);
}

}  // namespace
}  // namespace quorumor
