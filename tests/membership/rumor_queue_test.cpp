// The order of telling, keys, and what gives way. Classes: rumor_queue_classes_test.cpp.
#include "rumor_queue_samples.h"

namespace quorumor {
namespace {

using namespace test;

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

TEST_CASE("rumor queue: a member is told nothing about itself but what others say of it") {
  for (unsigned kind = 1; kind <= kRumorKinds; ++kind) {
    CAPTURE(kind);
    RumorQueue queue;
    push(queue, 1, 240, static_cast<RumorKind>(kind));
    push(queue, 2, 100, static_cast<RumorKind>(kind));
    const auto k = static_cast<RumorKind>(kind);
    const bool of_others =
        k == RumorKind::accusation || k == RumorKind::revocation || k == RumorKind::force_leave ||
        k == RumorKind::endorsement;
    CHECK(take(queue, kWide, kManyTimes, id_of(1)) == (of_others ? Told{1, 2} : Told{2}));
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
  const std::size_t refutation = RumorQueue::urgency(RumorKind::core, RumorQueue::Purpose::refutation);
  CHECK(refutation > RumorQueue::urgency(RumorKind::accusation));
  CHECK(refutation < RumorQueue::urgency(RumorKind::announcement));
  for (std::size_t i = 1; i < std::size(ascending); ++i) {
    CAPTURE(i);
    CHECK(RumorQueue::urgency(ascending[i]) > RumorQueue::urgency(ascending[i - 1]));
  }
  CHECK(RumorQueue::urgency(RumorKind::proof) == RumorQueue::urgency(RumorKind::revocation));
  CHECK(RumorQueue::urgency(RumorKind::endorsement) == RumorQueue::urgency(RumorKind::revocation));
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

Accusation accusation_of(std::uint64_t accuser, std::initializer_list<std::uint64_t> subjects) {
  Accusation out;
  out.accuser = id_of(accuser);
  for (const auto subject : subjects) out.subjects.push_back({id_of(subject), {}, {}});
  return out;
}

TEST_CASE("rumor queue: batches of one accuser are told apart, and survive the refutation of one subject") {
  RumorQueue queue;
  const auto put = [&](const Accusation& a, std::uint64_t mark) {
    const ByteVector record = record_of(mark, 300);
    queue.push(key_of(a, record), {RumorKind::accusation, record, {}});
  };
  put(accusation_of(9, {1, 2}), 100);
  put(accusation_of(9, {1, 3}), 101);
  put(accusation_of(9, {1, 3}), 101);  // the same again
  CHECK(queue.size() == 2);
  put(accusation_of(9, {1}), 102);
  put(accusation_of(9, {1}), 103);  // a newer one of the same accuser and subject
  put(accusation_of(8, {1}), 104);
  put(accusation_of(9, {2}), 105);
  CHECK(queue.size() == 5);
  push(queue, 1);
  queue.erase_about(id_of(1), RumorKind::body);
  CHECK(queue.size() == 6);
  queue.erase_about(id_of(1), RumorKind::accusation);
  CHECK(queue.size() == 4);
  queue.erase_about(id_of(1));
  CHECK(queue.size() == 3);
  CHECK(take(queue) == Told{105, 101, 100});
}

TEST_CASE("rumor queue: events differ by origin, generation and sequence") {
  EventHeader e;
  e.origin = id_of(1);
  const RumorKey first = key_of(e);
  CHECK(first.about == e.origin);
  e.sequence = Sequence{1};
  const RumorKey second = key_of(e);
  e.sequence = Sequence{0};
  e.generation = Generation{1};
  const RumorKey third = key_of(e);
  CHECK_FALSE(first == second);
  CHECK_FALSE(first == third);
  CHECK_FALSE(second == third);
}

}  // namespace
}  // namespace quorumor
