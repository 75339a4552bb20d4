#include "membership/pen.h"

#include "base/codec.h"
#include "model/pen_model.h"
#include "seeded.h"

#include <doctest/doctest.h>

#include <string>

namespace quorumor {
namespace {

using test::NaivePen;

constexpr Instant kStart{Instant{1000s}};
constexpr RumorKind kCredential = RumorKind::credential;
constexpr RumorKind kCore = RumorKind::core;

NodeId id_of(std::uint64_t n) {
  NodeId id{};
  store_le(id.data(), n);
  return id;
}
ByteVector record_of(std::uint64_t n) {
  ByteVector out(70);
  store_le(out.data(), n);
  return out;
}

struct Lab {
  Pen pen;
  Instant now = kStart;

  bool put(std::uint64_t record, std::uint64_t sender = 1, RumorKind missing = kCredential, std::uint64_t id = 100,
           RumorKind kind = RumorKind::core) {
    const ByteVector bytes = record_of(record);
    return pen.put(now, id_of(sender), missing, id_of(id), {kind, bytes, {}});
  }
  std::vector<std::uint64_t> release(RumorKind missing = kCredential, std::uint64_t id = 100) {
    std::vector<Pen::Waiting> waiting;
    pen.release(missing, id_of(id), waiting);
    std::vector<std::uint64_t> out;
    for (const auto& w : waiting) {
      CHECK(w.missing == missing);
      CHECK(w.id == id_of(id));
      out.push_back(load_le<std::uint64_t>(w.rumor().record.data()));
    }
    return out;
  }
};
using Released = std::vector<std::uint64_t>;

TEST_CASE("pen: what waited for one thing comes out together, oldest first, and nothing else with it") {
  Lab lab;
  CHECK(lab.pen.empty());
  CHECK_FALSE(lab.pen.next_deadline().has_value());
  lab.put(1);
  lab.put(2, 2, kCore);
  lab.put(3, 3, kCredential, 101);
  lab.put(4, 4);
  CHECK(lab.pen.awaits(kCredential, id_of(100)));
  CHECK_FALSE(lab.pen.awaits(kCore, id_of(101)));
  CHECK(lab.release() == Released{1, 4});
  CHECK_FALSE(lab.pen.awaits(kCredential, id_of(100)));
  CHECK(lab.release().empty());
  CHECK(lab.release(kCore) == Released{2});
  CHECK(lab.pen.size() == 1);
  CHECK(lab.pen.lost() == 0);
}

TEST_CASE("pen: what is released may be put back, and then waits for the next arrival") {
  Lab lab;
  lab.put(1);
  std::vector<Pen::Waiting> out;
  lab.pen.release(kCredential, id_of(100), out);
  for (const auto& w : out) CHECK(lab.pen.put(lab.now, w.sender, w.missing, w.id, w.rumor()));
  CHECK(out.size() == 1);
  CHECK(lab.release() == Released{1});
}

TEST_CASE("pen: the payload waits with its record") {
  Pen pen;
  const ByteVector record = record_of(1);
  const ByteVector payload(33, std::byte{5});
  CHECK(pen.put(kStart, id_of(1), kCredential, id_of(2), {RumorKind::event, record, payload}));
  std::vector<Pen::Waiting> out;
  pen.release(kCredential, id_of(2), out);
  REQUIRE(out.size() == 1);
  CHECK(out[0].rumor().kind == RumorKind::event);
  CHECK(equal(out[0].rumor().record, record));
  CHECK(equal(out[0].rumor().payload, payload));
  CHECK(out[0].sender == id_of(1));
}

TEST_CASE("pen: identical records wait once, whoever brings them; another kind or payload is another rumor") {
  Lab lab;
  CHECK(lab.put(1, 1));
  CHECK_FALSE(lab.put(1, 1));
  CHECK_FALSE(lab.put(1, 2));
  CHECK(lab.pen.size() == 1);
  CHECK(lab.put(1, 1, kCredential, 100, RumorKind::body));
  const ByteVector record = record_of(1);
  const ByteVector payload(1);
  CHECK(lab.pen.put(lab.now, id_of(1), kCredential, id_of(100), {kCore, record, payload}));
  CHECK(lab.pen.size() == 3);
}

TEST_CASE("pen: each waits five seconds from its own arrival") {
  Lab lab;
  lab.put(1);
  lab.now += 2s;
  lab.put(2);
  CHECK(lab.pen.next_deadline() == kStart + 5s);
  lab.pen.expire(kStart + 5s - 1ns);
  CHECK(lab.pen.size() == 2);
  lab.pen.expire(kStart + 5s);
  CHECK(lab.pen.size() == 1);
  CHECK(lab.pen.lost() == 1);
  CHECK(lab.pen.next_deadline() == kStart + 7s);
  lab.now = kStart + 7s;
  CHECK(lab.put(2));  // the old one is over
  CHECK(lab.pen.lost() == 2);
  CHECK(lab.release() == Released{2});
}

TEST_CASE("pen: a sender has its share, and its ninth pushes out its first") {
  Lab lab;
  lab.put(500, 2);
  for (std::uint64_t i = 0; i < 20; ++i) CHECK(lab.put(i, 1));
  CHECK(lab.pen.size() == 1 + Pen::kHeldOfSender);
  CHECK(lab.pen.lost() == 12);
  CHECK(lab.release() == Released{500, 12, 13, 14, 15, 16, 17, 18, 19});
}

TEST_CASE("pen: when full, who has most gives way") {
  struct Case {
    const char* what;
    std::vector<std::uint64_t> senders;  // rumor i is of senders[i]
    std::uint64_t newcomer;
    std::uint64_t gone;  // which rumor
  };
  std::vector<std::uint64_t> eight_each, four_each, one_each, one_heavy;
  for (std::uint64_t i = 0; i < 64; ++i) {
    eight_each.push_back(i % 8);
    four_each.push_back(i % 16);
    one_each.push_back(i);
    one_heavy.push_back(i < 40 ? i : 50 + (i - 40) / 8);  // 50, 51, 52 have eight each
  }
  std::vector<std::uint64_t> latecomer = four_each;  // sender 3 has one more than the others, 0 one less
  latecomer[16] = 3;
  const Case cases[] = {
      {"a newcomer among equals: the oldest of all", eight_each, 99, 0},
      {"a newcomer among equals with one each: the oldest of all", one_each, 99, 0},
      {"one of the equals: its own oldest, since it would have most", four_each, 5, 5},
      {"one of the equals with one each", one_each, 7, 7},
      {"the heaviest, of those the one that waits longest", one_heavy, 3, 40},
      {"the only heaviest, although others are older", latecomer, 99, 3},
      {"the newcomer has as many with its new one as the heaviest: its own", latecomer, 5, 5},
      {"the lightest comes: the heaviest gives way", latecomer, 0, 3},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Lab lab;
    for (std::uint64_t i = 0; i < 64; ++i) REQUIRE(lab.put(i, c.senders[i]));
    CHECK(lab.put(1000, c.newcomer));
    CHECK(lab.pen.size() == Pen::kHeldMax);
    CHECK(lab.pen.lost() == 1);
    const Released left = lab.release();
    CHECK(left.back() == 1000);
    CHECK(std::find(left.begin(), left.end(), c.gone) == left.end());
  }
}

TEST_CASE("pen: no flood of one sender or of seven pushes out an eighth's") {
  Lab lab;
  lab.put(1, 1);
  for (std::uint64_t i = 0; i < 1000; ++i) lab.put(1000 + i, 2 + i % 7);
  CHECK(lab.release().front() == 1);
}

TEST_CASE("pen: does as the naive pen does") {
  std::uint64_t released = 0, lost = 0, most = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Drbg rng = test::seeded(seed, "pen test");
    Pen pen;
    NaivePen naive;
    Instant now = kStart;
    const std::uint64_t senders = 1 + rng.below(80);
    for (int step = 0; step < 600; ++step) {
      CAPTURE(step);
      const RumorKind missing = rng.below(2) == 0 ? kCredential : kCore;
      const NodeId id = id_of(rng.below(6));
      switch (rng.below(24)) {
        case 0: {
          std::vector<Pen::Waiting> out;
          pen.release(missing, id, out);
          std::vector<ByteVector> records;
          for (const auto& w : out) records.push_back(w.record);
          REQUIRE(records == naive.release(missing, id));
          released += records.size();
          break;
        }
        case 1:
          now += Duration{static_cast<std::int64_t>(rng.below(2'000'000'000))};
          break;
        case 2:
          pen.expire(now);
          naive.expire(now);
          break;
        default: {
          const ByteVector record = record_of(rng.below(400));
          const NodeId sender = id_of(rng.below(senders));
          REQUIRE(pen.put(now, sender, missing, id, {kCore, record, {}}) ==
                  naive.put(now, sender, missing, id, record));
        }
      }
      REQUIRE(pen.size() == naive.size());
      REQUIRE(pen.lost() == naive.lost());
      most = std::max<std::uint64_t>(most, pen.size());
    }
    lost += pen.lost();
  }
  CHECK(released > 1000);
  CHECK(lost > 1000);
  CHECK(most == Pen::kHeldMax);
}

}  // namespace
}  // namespace quorumor
