// What each class of rumors is owed, whatever floods the others, and the order within a datagram.
#include "rumor_queue_samples.h"

namespace quorumor {
namespace {

using namespace test;

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

}  // namespace
}  // namespace quorumor
