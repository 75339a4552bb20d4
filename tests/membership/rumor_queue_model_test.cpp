// The queue beside the naive one, whatever is asked of both; and that taking allocates nothing.
#include "allocations.h"
#include "model/rumor_queue_model.h"
#include "rumor_queue_samples.h"
#include "seeded.h"

namespace quorumor {
namespace {

using namespace test;

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
    Drbg rng = test::seeded(seed, "rumor queue test");
    ByteVector ops(400 * RumorQueueOp::kEncoded);
    rng.fill(ops);
    RumorQueueMachine machine;
    run_bytes(machine, ops);
    taken += machine.taken();
  }
  CHECK(taken > 20'000);  // else the operations do not meet
}

TEST_CASE("rumor queue: does as the naive queue does where many cores wait for credentials that do not fit") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Drbg rng = test::seeded(seed, "waiting cores test");
    RumorQueueMachine machine;
    for (int step = 0; step < 600; ++step) {
      CAPTURE(step);
      const RumorKind kinds[] = {RumorKind::credential, RumorKind::core, RumorKind::core, RumorKind::body,
                                 RumorKind::accusation};
      RumorQueueOp op;
      op.key = {kinds[rng.below(5)], id_of(rng.below(60)), {}};
      op.record = op.key.kind == RumorKind::core ? 178 : 90 + rng.below(500);
      if (rng.below(4) == 0) {
        op.what = RumorQueueOp::Do::take;
        op.key.about = kNobody;
        op.budget = rng.below(3) == 0 ? kDatagramBudget : 200 + rng.below(300);
        op.limit = 4;
      }
      const auto difference = machine.apply(op);
      REQUIRE_MESSAGE(!difference.has_value(), *difference);
    }
  }
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
  // All kinds, cores beside their credentials among them.
  for (std::uint64_t i = 0; i < 2000; ++i) {
    push(queue, i / 2, 100 + i % 300, static_cast<RumorKind>(1 + (i + i / 9) % kRumorKinds));
  }
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

TEST_CASE("rumor queue: whatever it holds and whoever asks, taking allocates nothing") {
  std::uint64_t taken = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Drbg rng = test::seeded(seed, "allocation test");
    RumorQueue queue;
    std::uint64_t allocated = 0;
    for (int step = 0; step < 500; ++step) {
      const auto kind = static_cast<RumorKind>(1 + rng.below(kRumorKinds));
      const bool refutes = kind == RumorKind::core && rng.below(2) == 0;
      queue.push(key_of(rng.below(50), kind), {kind, record_of(1, 70 + rng.below(900)), {}},
                 refutes ? RumorQueue::Purpose::refutation : RumorQueue::Purpose::news);
      if (rng.below(3) == 0) continue;
      RumorList out;
      const std::size_t budget = rng.below(2400);
      const auto limit = static_cast<unsigned>(rng.below(8));
      const NodeId receiver = id_of(rng.below(60));
      const std::uint64_t before = test::allocations();
      queue.take(budget, limit, receiver, out);
      allocated += test::allocations() - before;
      taken += out.size();
    }
    CHECK(allocated == 0);
  }
  CHECK(taken > 5000);
}

}  // namespace
}  // namespace quorumor
