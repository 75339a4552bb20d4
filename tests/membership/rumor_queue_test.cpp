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

// --- classes ---------------------------------------------------------------------------------------------------

constexpr std::size_t kDatagramBudget = 1083;  // what is left of a datagram that carries gossip

// Fresh rumors of one kind, each about somebody else, as many before every datagram as it could hold and more.
class Flood {
 public:
  Flood(RumorQueue& queue, RumorKind kind, std::size_t size) : queue_(queue), kind_(kind), size_(size) {}

  void feed() {
    for (std::size_t bytes = 0; bytes < 2 * kDatagramBudget; bytes += size_) push(queue_, next_++, size_, kind_);
  }

 private:
  RumorQueue& queue_;
  RumorKind kind_;
  std::size_t size_;
  std::uint64_t next_ = 1'000'000;
};

RumorList datagram(RumorQueue& queue, std::initializer_list<Flood*> floods, std::size_t budget = kDatagramBudget) {
  for (Flood* const flood : floods) flood->feed();
  RumorList out;
  queue.take(budget, 6, kNobody, out);
  return out;
}

std::size_t count_kind(const RumorList& list, RumorKind kind) {
  return static_cast<std::size_t>(
      std::count_if(list.begin(), list.end(), [&](const Rumor& rumor) { return rumor.kind == kind; }));
}

TEST_CASE("rumor queue: every kind has its class") {
  using Class = RumorQueue::Class;
  CHECK(RumorQueue::class_of(RumorKind::proof) == Class::verdicts);
  CHECK(RumorQueue::class_of(RumorKind::revocation) == Class::verdicts);
  CHECK(RumorQueue::class_of(RumorKind::force_leave) == Class::verdicts);
  CHECK(RumorQueue::class_of(RumorKind::endorsement) == Class::verdicts);
  CHECK(RumorQueue::class_of(RumorKind::announcement) == Class::verdicts);
  CHECK(RumorQueue::class_of(RumorKind::accusation) == Class::accusations);
  CHECK(RumorQueue::class_of(RumorKind::core, RumorQueue::Purpose::refutation) == Class::accusations);
  CHECK(RumorQueue::class_of(RumorKind::core) == Class::claims);
  CHECK(RumorQueue::class_of(RumorKind::credential) == Class::claims);
  CHECK(RumorQueue::class_of(RumorKind::body) == Class::claims);
  CHECK(RumorQueue::class_of(RumorKind::event) == Class::events);
}

TEST_CASE("rumor queue: no class starves under a flood of any other, not even its longest rumor") {
  struct Case {
    RumorKind kind;
    std::size_t longest;
  };
  const Case cases[] = {{RumorKind::proof, kProofContentMax},
                        {RumorKind::accusation, kAccusationContentMax + limits::kSignature},
                        {RumorKind::body, limits::kBody},
                        {RumorKind::event, kEventContentMax + limits::kSignature + limits::kEventPayload}};
  for (const Case& victim : cases) {
    for (const Case& flood : cases) {
      if (victim.kind == flood.kind) continue;
      for (const std::size_t size : {std::size_t{100}, std::size_t{250}, flood.longest}) {
        CAPTURE(static_cast<int>(victim.kind));
        CAPTURE(static_cast<int>(flood.kind));
        CAPTURE(size);
        RumorQueue queue;
        Flood others(queue, flood.kind, size);
        for (int i = 0; i < 20; ++i) datagram(queue, {&others});
        push(queue, 1, victim.longest, victim.kind);
        int datagrams = 1;
        while (count_kind(datagram(queue, {&others}), victim.kind) == 0 && datagrams < 100) ++datagrams;
        CHECK(datagrams <= 5);  // four shares pay for any; one more if the flood was owed something
      }
    }
  }
}

TEST_CASE("rumor queue: a body comes out under floods of every class, its own too, and budgets that change") {
  RumorQueue queue;
  Flood accusations(queue, RumorKind::accusation, 250);
  Flood proofs(queue, RumorKind::proof, 400);
  Flood cores(queue, RumorKind::core, 178);  // of the body's own class, and always as fresh
  int told_body = 0;
  for (int i = 0; i < 400; ++i) {
    push(queue, 1, limits::kBody, RumorKind::body);  // told anew: as fresh as the flood
    const RumorList list = datagram(queue, {&accusations, &proofs, &cores}, i % 2 == 0 ? kDatagramBudget : 500);
    told_body += static_cast<int>(count_kind(list, RumorKind::body));
  }
  // A full datagram and a small one earn 395 bytes; it costs 1,040.
  CHECK(told_body >= 50);
}

TEST_CASE("rumor queue: short claims come out under floods although a body is too long for every datagram") {
  RumorQueue queue;
  Flood accusations(queue, RumorKind::accusation, 250);
  push(queue, 1, limits::kBody, RumorKind::body);
  for (std::uint64_t i = 10; i < 60; ++i) push(queue, i, 178);
  std::size_t told_cores = 0;
  for (int i = 0; i < 100; ++i) {
    told_cores += count_kind(datagram(queue, {&accusations}, 900), RumorKind::core);
  }
  CHECK(told_cores >= 90);
}

TEST_CASE("rumor queue: under floods of all, each class gets its quarter, less what packing wastes") {
  RumorQueue queue;
  Flood verdicts(queue, RumorKind::proof, 430);
  Flood accusations(queue, RumorKind::accusation, 250);
  Flood claims(queue, RumorKind::body, 900);
  Flood events(queue, RumorKind::event, 600);
  std::array<std::size_t, RumorQueue::kClasses> bytes{};
  constexpr std::size_t kDatagrams = 300;  // fewer rumors than the queue holds
  for (std::size_t i = 0; i < kDatagrams; ++i) {
    for (const Rumor& rumor : datagram(queue, {&verdicts, &accusations, &claims, &events})) {
      bytes[static_cast<std::size_t>(RumorQueue::class_of(rumor.kind))] += rumor_size(rumor);
    }
  }
  for (std::size_t c = 0; c < bytes.size(); ++c) {
    CAPTURE(c);
    CHECK(bytes[c] > kDatagrams * kDatagramBudget * 15 / 100);
    CHECK(bytes[c] < kDatagrams * kDatagramBudget * 32 / 100);
  }
}

TEST_CASE("rumor queue: what a class leaves unused goes to the others, most urgent first") {
  RumorQueue queue;
  for (std::uint64_t i = 0; i < 20; ++i) push(queue, i, 100, RumorKind::event);
  CHECK(take(queue, kDatagramBudget).size() >= 7);
  for (std::uint64_t i = 100; i < 120; ++i) push(queue, i, 200, RumorKind::revocation);
  RumorList out;
  queue.take(kDatagramBudget, kManyTimes, kNobody, out);
  CHECK(count_kind(out, RumorKind::event) >= 1);
  CHECK(count_kind(out, RumorKind::revocation) >= 3);
}

TEST_CASE("rumor queue: a refutation goes with the accusations, ahead of a flood of claims") {
  for (const bool refutes : {false, true}) {
    RumorQueue queue;
    for (std::uint64_t i = 10; i < 200; ++i) push(queue, i, 300, RumorKind::credential);
    queue.push(key_of(1), {RumorKind::core, record_of(1, 178), {}},
               refutes ? RumorQueue::Purpose::refutation : RumorQueue::Purpose::news);
    const Told first = take(queue, kDatagramBudget);
    CHECK((std::find(first.begin(), first.end(), 1) != first.end()) == refutes);
  }
}

TEST_CASE("rumor queue: what is handed out is in the order of dependence") {
  RumorQueue queue;
  for (const int kind : {9, 4, 2, 8, 3, 1, 6, 5, 7}) {
    push(queue, static_cast<std::uint64_t>(kind), 80, static_cast<RumorKind>(kind));
  }
  CHECK(take(queue) == Told{1, 2, 3, 4, 5, 6, 7, 8, 9});
  RumorList out;
  push(queue, 50, 80, RumorKind::event);
  push(queue, 51, 80, RumorKind::credential);
  const ByteVector already = record_of(77, 100);
  out.push_back({RumorKind::event, already, {}});
  queue.take(kWide, kManyTimes, kNobody, out);
  CHECK(told(out).front() == 77);  // what the caller put there stays
}

TEST_CASE("rumor queue: a core waits for its credential, whichever is longer, and a refutation does not") {
  for (const std::size_t credential : {std::size_t{100}, std::size_t{170}, std::size_t{400}}) {
    CAPTURE(credential);
    RumorQueue queue;
    queue.push(key_of(1, RumorKind::credential), {RumorKind::credential, record_of(11, credential), {}});
    push(queue, 1, 178);
    const std::size_t both = size_of(178) + size_of(credential) + kRumorListOverhead;
    CHECK(take(queue, size_of(credential) + kRumorListOverhead) == Told{11});
    CHECK(take(queue, size_of(178) + kRumorListOverhead) == Told{1});
    CHECK(take(queue, both) == Told{11, 1});
    if (credential > 178) {
      CHECK(take(queue, size_of(178) + kRumorListOverhead).empty());
      queue.push(key_of(1), {RumorKind::core, record_of(2, 178), {}}, RumorQueue::Purpose::refutation);
      CHECK(take(queue, size_of(178) + kRumorListOverhead) == Told{2});
    }
    queue.erase(key_of(1, RumorKind::credential));
    push(queue, 1, 178);
    CHECK(take(queue, size_of(178) + kRumorListOverhead) == Told{1});
  }
}

TEST_CASE("rumor queue: a turn passes over sixteen cores that wait for a credential, and no more") {
  for (const std::uint64_t cores : {std::uint64_t{16}, std::uint64_t{17}}) {
    CAPTURE(cores);
    RumorQueue queue;
    for (std::uint64_t i = 0; i < cores; ++i) {
      push(queue, i, 500, RumorKind::credential);
      push(queue, i, 178);
    }
    push(queue, 900, 120, RumorKind::body);
    CHECK(take(queue, 250) == (cores == 16 ? Told{900} : Told{}));
    CHECK(take(queue, kDatagramBudget).size() >= 2);
  }
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

TEST_CASE("rumor queue: does as the naive queue does where many cores wait for credentials that do not fit") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    ByteArray<32> bytes{};
    store_le(bytes.data(), seed);
    Drbg rng{bytes, "waiting cores test"};
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
    ByteArray<32> bytes{};
    store_le(bytes.data(), seed);
    Drbg rng{bytes, "allocation test"};
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
