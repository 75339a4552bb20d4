#include "membership/rumor_queue.h"

#include "allocations.h"
#include "crypto/drbg.h"
#include "model/rumor_queue_model.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace quorumor {
namespace {

using test::RumorList;
using test::RumorQueueMachine;
using test::RumorQueueOp;

constexpr unsigned kManyTimes = 1000;
constexpr std::size_t kWide = 64 * 1024;

NodeId id_of(std::uint64_t n) {
  NodeId id{};
  store_le(id.data(), n);
  return id;
}
const NodeId kNobody = id_of(~0ULL);

RumorQueue::Key key_of(std::uint64_t about, RumorKind kind = RumorKind::core) { return {kind, id_of(about), {}}; }

// A record of `size` bytes that says who it is about.
ByteVector record_of(std::uint64_t about, std::size_t size) {
  ByteVector out(std::max<std::size_t>(size, 8));
  store_le(out.data(), about);
  return out;
}
void push(RumorQueue& queue, std::uint64_t about, std::size_t size = 240, RumorKind kind = RumorKind::core) {
  queue.push(key_of(about, kind), {kind, record_of(about, size), {}});
}
std::size_t size_of(std::size_t record) { return rumor_size({RumorKind::core, ByteVector(record), {}}); }

std::vector<std::uint64_t> told(const RumorList& list) {
  std::vector<std::uint64_t> out;
  for (const Rumor& rumor : list) out.push_back(load_le<std::uint64_t>(rumor.record.data()));
  return out;
}
std::vector<std::uint64_t> take(RumorQueue& queue, std::size_t budget = kWide, unsigned limit = kManyTimes,
                                const NodeId& receiver = kNobody) {
  RumorList out;
  queue.take(budget, limit, receiver, out);
  return told(out);
}

using Told = std::vector<std::uint64_t>;

TEST_CASE("rumor queue: fewer transmits, then longer, then newer") {
  RumorQueue queue;
  push(queue, 1, 100);
  push(queue, 2, 300);
  push(queue, 3, 100);
  CHECK(take(queue) == Told{2, 3, 1});
  push(queue, 4, 90);
  CHECK(take(queue, size_of(90) + kRumorListOverhead) == Told{4});
  CHECK(take(queue) == Told{2, 3, 1, 4});
}

TEST_CASE("rumor queue: the budget is kept exactly, and the first rumor pays for the list") {
  RumorQueue queue;
  push(queue, 1, 240);
  push(queue, 2, 240);
  const std::size_t one = size_of(240);
  RumorList out;
  CHECK(queue.take(one + kRumorListOverhead - 1, kManyTimes, kNobody, out) == 0);
  CHECK(queue.take(0, kManyTimes, kNobody, out) == 0);
  CHECK(out.empty());
  CHECK(queue.take(one + kRumorListOverhead, kManyTimes, kNobody, out) == one + kRumorListOverhead);
  CHECK(told(out) == Told{2});
  // The list exists by now.
  CHECK(queue.take(one, kManyTimes, kNobody, out) == one);
  CHECK(told(out) == Told{2, 1});
  RumorList both;
  CHECK(queue.take(2 * one + kRumorListOverhead, kManyTimes, kNobody, both) == 2 * one + kRumorListOverhead);
}

TEST_CASE("rumor queue: what does not fit gives way to what does, and keeps its turn") {
  RumorQueue queue;
  push(queue, 1, 1000);
  push(queue, 2, 500);
  push(queue, 3, 100);
  CHECK(take(queue, size_of(500) + 20) == Told{2});
  CHECK(take(queue, size_of(500) + 20) == Told{3});
  CHECK(take(queue) == Told{1, 2, 3});
}

TEST_CASE("rumor queue: each rumor is told `limit` times, then forgotten") {
  for (unsigned limit = 0; limit <= 4; ++limit) {
    CAPTURE(limit);
    RumorQueue queue;
    push(queue, 1);
    for (unsigned time = 0; time < limit; ++time) {
      CHECK_FALSE(queue.empty());
      CHECK(take(queue, kWide, limit) == Told{1});
    }
    CHECK(take(queue, kWide, limit).empty());
    CHECK(queue.empty());
  }
}

TEST_CASE("rumor queue: a smaller limit forgets what was told too often already") {
  RumorQueue queue;
  push(queue, 1);
  for (int time = 0; time < 3; ++time) take(queue, kWide, 9);
  push(queue, 2);
  CHECK(take(queue, kWide, 3) == Told{2});
  CHECK(queue.size() == 1);
}

TEST_CASE("rumor queue: a newer rumor of the same key replaces the older and counts afresh") {
  RumorQueue queue;
  push(queue, 1);
  take(queue, kWide, 3);
  take(queue, kWide, 3);
  queue.push(key_of(1), {RumorKind::core, record_of(77, 240), {}});
  CHECK(queue.size() == 1);
  for (int time = 0; time < 3; ++time) CHECK(take(queue, kWide, 3) == Told{77});
  CHECK(queue.empty());
}

TEST_CASE("rumor queue: keys differ by kind, by subject and by signer") {
  RumorQueue queue;
  push(queue, 1, 240, RumorKind::core);
  push(queue, 1, 240, RumorKind::body);
  push(queue, 2, 240, RumorKind::core);
  queue.push({RumorKind::accusation, id_of(1), id_of(8)}, {RumorKind::accusation, record_of(8, 240), {}});
  queue.push({RumorKind::accusation, id_of(1), id_of(9)}, {RumorKind::accusation, record_of(9, 240), {}});
  CHECK(queue.size() == 5);
  queue.erase({RumorKind::accusation, id_of(1), id_of(9)});
  queue.erase({RumorKind::accusation, id_of(1), id_of(7)});  // not held
  CHECK(queue.size() == 4);
  queue.erase_about(id_of(1));
  CHECK(take(queue) == Told{2});
  queue.erase_about(id_of(2));
  CHECK(queue.empty());
}

TEST_CASE("rumor queue: a member is told nothing about itself but accusations") {
  for (unsigned kind = 1; kind <= kRumorKinds; ++kind) {
    CAPTURE(kind);
    RumorQueue queue;
    push(queue, 1, 240, static_cast<RumorKind>(kind));
    push(queue, 2, 100, static_cast<RumorKind>(kind));
    const bool accusation = static_cast<RumorKind>(kind) == RumorKind::accusation;
    CHECK(take(queue, kWide, kManyTimes, id_of(1)) == (accusation ? Told{1, 2} : Told{2}));
    CHECK(take(queue) == Told{1, 2});  // 1 was told less often, or is longer
  }
}

TEST_CASE("rumor queue: no more than the list has room for") {
  RumorQueue queue;
  for (std::uint64_t i = 0; i < 3 * limits::kRumors; ++i) push(queue, i);
  CHECK(take(queue).size() == limits::kRumors);
  RumorList out(limits::kRumors - 1);
  const std::size_t used = queue.take(kWide, kManyTimes, kNobody, out);
  CHECK(out.size() == limits::kRumors);
  CHECK(used == size_of(240));
  CHECK(queue.take(kWide, kManyTimes, kNobody, out) == 0);
  // Nobody was passed over: all are told once before any is told again.
  CHECK(take(queue).size() + take(queue).size() == 2 * limits::kRumors);
}

TEST_CASE("rumor queue: events carry their payload") {
  RumorQueue queue;
  const ByteVector payload(300, std::byte{7});
  queue.push(key_of(1, RumorKind::event), {RumorKind::event, record_of(1, 200), payload});
  const std::size_t size = rumor_size({RumorKind::event, record_of(1, 200), payload});
  RumorList out;
  CHECK(queue.take(size + kRumorListOverhead - 1, 1, kNobody, out) == 0);
  CHECK(queue.take(size + kRumorListOverhead, 1, kNobody, out) == size + kRumorListOverhead);
  REQUIRE(out.size() == 1);
  CHECK(equal(out[0].payload, payload));
  CHECK(out[0].kind == RumorKind::event);
}

void fill(RumorQueue& queue, RumorKind kind, std::uint64_t first = 0) {
  for (std::uint64_t i = first; queue.size() < RumorQueue::kQueuedMax; ++i) push(queue, i, 100, kind);
}
std::size_t count_about(RumorQueue& queue, std::uint64_t about) {
  const std::size_t before = queue.size();
  queue.erase_about(id_of(about));
  return before - queue.size();
}

TEST_CASE("rumor queue: when full, of the least urgent kind the one that would be told last goes") {
  RumorQueue queue;
  push(queue, 900'000, 100, RumorKind::proof);
  push(queue, 900'001, 240, RumorKind::event);  // longer: told first
  push(queue, 900'002, 100, RumorKind::event);
  push(queue, 900'003, 100, RumorKind::event);
  fill(queue, RumorKind::core);
  push(queue, 1'000'000);
  CHECK(queue.size() == RumorQueue::kQueuedMax);
  CHECK(count_about(queue, 900'002) == 0);  // the older of two that are equal else
  push(queue, 1'000'001);
  push(queue, 1'000'002);
  CHECK(queue.size() == RumorQueue::kQueuedMax);
  CHECK(count_about(queue, 900'003) == 0);
  CHECK(count_about(queue, 900'001) == 0);
  push(queue, 1'000'003);  // no event is left: the shortest and oldest core goes
  CHECK(count_about(queue, 0) == 0);
  CHECK(count_about(queue, 1) == 1);
  CHECK(count_about(queue, 900'000) == 1);
}

TEST_CASE("rumor queue: the most transmitted goes before the shorter and the older") {
  RumorQueue queue;
  push(queue, 900'000, 600, RumorKind::event);
  take(queue);
  push(queue, 900'001, 100, RumorKind::event);
  fill(queue, RumorKind::event);
  push(queue, 1'000'000);
  CHECK(count_about(queue, 900'000) == 0);
  CHECK(count_about(queue, 900'001) == 1);
}

TEST_CASE("rumor queue: a flood cannot wash out what is more urgent") {
  const RumorKind ascending[] = {RumorKind::event,        RumorKind::body,        RumorKind::credential,
                                 RumorKind::core,         RumorKind::accusation,  RumorKind::announcement,
                                 RumorKind::force_leave,  RumorKind::revocation};
  for (std::size_t i = 1; i < std::size(ascending); ++i) {
    CAPTURE(i);
    CHECK(RumorQueue::urgency(ascending[i]) > RumorQueue::urgency(ascending[i - 1]));
  }
  CHECK(RumorQueue::urgency(RumorKind::proof) == RumorQueue::urgency(RumorKind::revocation));
  CHECK(RumorQueue::urgency(RumorKind::proof) < RumorQueue::kUrgencies);

  RumorQueue queue;
  push(queue, 900'000, 240, RumorKind::revocation);
  fill(queue, RumorKind::proof);
  for (std::size_t i = 0; i < std::size(ascending) - 1; ++i) {
    push(queue, 800'000 + i, 240, ascending[i]);
    CHECK(count_about(queue, 800'000 + i) == 0);
    CHECK(queue.size() == RumorQueue::kQueuedMax);
  }
  push(queue, 800'100, 240, RumorKind::revocation);  // of equals, the newest stays
  CHECK(count_about(queue, 800'100) == 1);
  CHECK(count_about(queue, 900'000) == 1);
  CHECK(count_about(queue, 0) == 0);
}

// Replays as a fuzzer's input would: bytes in, operations out.
void run_bytes(RumorQueueMachine& machine, Bytes bytes) {
  Reader in{bytes};
  for (int step = 0; in.left() >= RumorQueueOp::kEncoded; ++step) {
    const auto difference = machine.apply(RumorQueueOp::read(in));
    if (!difference) continue;
    CAPTURE(step);
    FAIL(*difference);
  }
}

TEST_CASE("rumor queue: does as the naive queue does") {
  std::uint64_t taken = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    ByteArray<32> bytes{};
    store_le(bytes.data(), seed);
    Drbg rng{bytes, "rumor queue test"};
    ByteVector ops(400 * RumorQueueOp::kEncoded);
    rng.fill(ops);
    RumorQueueMachine machine;
    run_bytes(machine, ops);
    taken += machine.taken();
  }
  CHECK(taken > 20'000);  // else the operations do not meet
}

TEST_CASE("rumor queue: does as the naive queue does when full") {
  Drbg rng{ByteArray<32>{}, "full rumor queue test"};
  RumorQueueMachine machine;
  // All kinds but the most of them events, so that the floor of urgency rises while the test runs.
  for (std::uint64_t i = 0; i < RumorQueue::kQueuedMax; ++i) {
    RumorQueueOp op;
    op.key = {i % 200 == 0 ? static_cast<RumorKind>(1 + i / 200 % kRumorKinds) : RumorKind::proof, id_of(i << 8), {}};
    op.record = 70 + rng.below(8) * 100;
    REQUIRE_FALSE(machine.apply(op).has_value());
  }
  CHECK(machine.queue().size() == RumorQueue::kQueuedMax);
  for (int step = 0; step < 150; ++step) {
    CAPTURE(step);
    RumorQueueOp op;
    op.key = {static_cast<RumorKind>(1 + rng.below(kRumorKinds)), id_of(static_cast<std::uint64_t>(step) << 32), {}};
    op.record = 70 + rng.below(8) * 100;
    if (step % 10 == 9) {
      op.what = RumorQueueOp::Do::take;
      op.budget = 1100;
      op.limit = 2;
    }
    const auto difference = machine.apply(op);
    REQUIRE_MESSAGE(!difference.has_value(), *difference);
  }
}

TEST_CASE("rumor queue: taking allocates nothing, not even for what it forgets") {
  RumorQueue queue;
  for (std::uint64_t i = 0; i < 2000; ++i) push(queue, i, 100 + i % 300);
  RumorList out;
  const std::uint64_t before = test::allocations();
  CHECK(before > 0);
  std::size_t taken = 0;
  for (int time = 0; time < 400; ++time) {
    out.clear();
    queue.take(time % 7 == 0 ? 300 : 1100, 3, id_of(static_cast<std::uint64_t>(time)), out);
    taken += out.size();
  }
  queue.take(1100, 1, kNobody, out);
  const std::uint64_t after = test::allocations();
  CHECK(after == before);
  CHECK(taken > 800);
}

}  // namespace
}  // namespace quorumor
