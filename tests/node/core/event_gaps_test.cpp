// Which missed events a node asks for, of whom and when; what it does not ask for; what a liar makes it ask.
#include "node/core/event_lab.h"
#include "sim/world.h"

#include <algorithm>
#include <limits>
#include <set>

using namespace quorumor;
using namespace quorumor::test;

namespace {

constexpr std::uint32_t kHalf = std::numeric_limits<std::uint32_t>::max() / 2;  // the furthest ahead

struct Asked {
  std::size_t whom = 0;
  std::vector<std::uint64_t> sequences;
  Instant at;
};

// The node has joined, and everybody (1 to 5) has just spoken to it and sent no event yet.
struct GapLab : EventLab {
  static constexpr std::size_t kPeople = 6;
  static constexpr std::chrono::milliseconds kGrace = EventGaps::kGrace * 200ms;  // preset lan

  GapLab() {
    CoreState& s = CoreAccess::impl(f.node()).state;
    s.joined = true;
    for (std::size_t i = 1; i < kPeople; ++i) {
      Message m = f.blank(MessageKind::want);
      m.rumors.push_back({RumorKind::core, f.person(i).core_record, {}});
      f.node().on_datagram(f.now(), f.person(i).endpoint, f.frame(m, i));
      s.table.find(id(i))->own_events().begin(EventWindow(Sequence{1}));
    }
  }
  EventGaps& gaps() { return CoreAccess::impl(f.node()).gaps; }

  // An ordinary frame of the person, which says what its next event will be.
  void state(std::size_t person, std::uint32_t next) {
    Message m = f.blank(MessageKind::want);
    m.next_event = next;
    f.node().on_datagram(f.now(), f.person(person).endpoint, f.frame(m, person));
  }
  // What is asked for events in that time.
  std::vector<Asked> run(std::chrono::milliseconds span) {
    std::vector<Asked> out;
    for (std::int64_t ms = 0; ms < span.count(); ms += 50) {
      pass(50ms);
      for (const Output& o : f.node().on_timer(f.now())) {
        if (const auto* t = std::get_if<Transmit>(&o)) note(*t, out);
      }
    }
    return out;
  }
  void note(const Transmit& t, std::vector<Asked>& out) {
    for (std::size_t to = 1; to < kPeople; ++to) {
      if (f.person(to).endpoint != t.to) continue;
      alignas(8) std::array<std::byte, limits::kDatagram> plain{};
      const auto opened = f.open(t.datagram, to, plain);
      REQUIRE(opened.has_value());
      Message m;
      REQUIRE(decode_message(*opened, m).has_value());
      Asked asked{to, {}, f.now()};
      for (const WantItem& w : m.wants) {
        if (w.kind == RumorKind::event) asked.sequences.push_back(w.coordinate);
      }
      if (!asked.sequences.empty()) out.push_back(asked);
    }
  }
};

std::size_t items(const std::vector<Asked>& all) {
  std::size_t out = 0;
  for (const Asked& a : all) out += a.sequences.size();
  return out;
}

}  // namespace

TEST_CASE("an event that a later one shows to be missing is asked for after gossip had its time, and told once") {
  GapLab lab;
  CHECK(lab.say(3, lab.header(3, 1)));
  CHECK(lab.say(3, lab.header(3, 3)));
  CHECK(lab.run(GapLab::kGrace - 50ms).empty());
  const auto asked = lab.run(100ms);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].sequences == std::vector<std::uint64_t>{2});
  CHECK(lab.say(3, lab.header(3, 2)));
  CHECK(!lab.say(3, lab.header(3, 2)));
  CHECK(lab.counters().events_wanted == 1);
  CHECK(lab.counters().events_recovered == 1);
  CHECK(lab.run(60s).empty());
}

TEST_CASE("what gossip brings in time is not asked for") {
  GapLab lab;
  CHECK(lab.say(3, lab.header(3, 2)));
  CHECK(lab.say(3, lab.header(3, 1)));
  CHECK(lab.gaps().size() == 0);
  CHECK(lab.run(60s).empty());
  CHECK(lab.counters().events_recovered == 0);
}

TEST_CASE("the last event is missed by nobody that its origin speaks to; the origin is asked itself") {
  GapLab lab;
  CHECK(lab.say(3, lab.header(3, 1)));
  lab.state(3, 3);
  const auto asked = lab.run(GapLab::kGrace + 50ms);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].whom == 3);
  CHECK(asked[0].sequences == std::vector<std::uint64_t>{2});
  CHECK(lab.say(3, lab.header(3, 2)));
  lab.state(3, 3);
  CHECK(lab.run(60s).empty());
}

TEST_CASE("where nothing is missing nothing is asked, however often it is said") {
  GapLab lab;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    CHECK(lab.say(3, lab.header(3, i)));
    lab.state(3, static_cast<std::uint32_t>(i + 1));
    for (const std::uint32_t old : {0U, 1U, static_cast<std::uint32_t>(i)}) lab.state(3, old);
    lab.state(4, 1);
    CHECK(lab.gaps().size() == 0);
    CHECK(lab.run(1s).empty());
  }
  CHECK(lab.counters().events_wanted == 0);
}

TEST_CASE("without an answer it asks twelve times, more and more seldom, its origin every other time; then never again") {
  GapLab lab;
  CHECK(lab.say(3, lab.header(3, 2)));
  const auto asked = lab.run(300s);
  REQUIRE(asked.size() == EventGaps::kTries);
  const int pauses[] = {1, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4};  // seconds
  for (std::size_t i = 1; i < asked.size(); ++i) {
    CHECK(asked[i].at - asked[i - 1].at == pauses[i - 1] * 1s);
    if (i % 2 == 1) CHECK(asked[i].whom == 3);
  }
  std::set<std::size_t> others;
  for (std::size_t i = 2; i < asked.size(); i += 2) others.insert(asked[i].whom);
  CHECK(others.size() > 1);
  CHECK(lab.gaps().size() == 0);
  CHECK(lab.say(3, lab.header(3, 1)));  // given up is not taken
}

TEST_CASE("history is not missing: what was before this node knew the process, was remembered, or before it joined") {
  GapLab lab;
  lab.move_to_generation(3, 2, 100);
  EventHeader e = lab.header(3, 100);
  e.generation = Generation{2};
  CHECK(lab.say(3, e));
  lab.state(3, 101);
  EventWindow window;
  window.accept(Sequence{7});
  CoreAccess::impl(lab.f.node()).events.restore({lab.id(4), Generation{1}, window.save()});
  lab.state(4, 8);
  CoreAccess::impl(lab.f.node()).state.joined = false;
  lab.state(5, 50);
  CHECK(lab.say(2, lab.header(2, 9)));
  CoreAccess::impl(lab.f.node()).state.joined = true;
  lab.state(5, 50);
  CHECK(lab.gaps().size() == 0);
  CHECK(lab.run(60s).empty());
  lab.state(5, 51);
  CHECK(lab.gaps().size() == 1);
}

TEST_CASE("what a former process of the origin has left open is closed") {
  GapLab lab;
  CHECK(lab.say(3, lab.header(3, 3)));
  CHECK(lab.gaps().size() == 2);
  lab.move_to_generation(3, 2, 1);
  CHECK(lab.run(60s).empty());
  CHECK(lab.gaps().size() == 0);
  lab.state(3, 2);  // of the new one
  CHECK(lab.gaps().size() == 1);
}

TEST_CASE("sequences are told from their low halves, also where these begin anew") {
  GapLab lab;
  lab.move_to_generation(3, 2, 0xffff'fffe);
  lab.state(3, 1);
  const auto asked = lab.run(GapLab::kGrace + 50ms);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].sequences == std::vector<std::uint64_t>{0xffff'fffe, 0xffff'ffff, 0x1'0000'0000});
  // The end of all numbers.
  lab.move_to_generation(4, 2, ~std::uint64_t{0} - 2);
  lab.state(4, 5);
  EventHeader last = lab.header(4, ~std::uint64_t{0});
  last.generation = Generation{2};
  CHECK(lab.say(4, last));
  lab.state(4, 5);
  CHECK(lab.gaps().size() == 3 + 2);
}

TEST_CASE("one lie about a number costs a bounded number of questions, whatever it is") {
  for (const std::uint32_t lie : {0xffff'ffffU, kHalf + 1, 1'000'000U}) {
    CAPTURE(lie);
    GapLab lab;
    lab.state(3, lie);
    const auto asked = lab.run(600s);
    // More than half of all numbers ahead is behind.
    const std::size_t questions = lie == 0xffff'ffffU ? 0 : EventGaps::kStated * EventGaps::kTries;
    CHECK(items(asked) == questions);
    CHECK(asked.size() == questions / EventGaps::kItems);
    CHECK(lab.gaps().size() == 0);
    lab.state(3, lie);
    CHECK(lab.run(60s).empty());
  }
}

TEST_CASE("a liar that goes on inventing events is doubted, and delays nobody else's") {
  for (const bool is_signed : {false, true}) {
    CAPTURE(is_signed);
    GapLab lab;
    std::vector<Asked> first, later;
    std::uint64_t number = 1;
    Instant said;
    for (int second = 0; second < 300; ++second) {
      number += 50;
      if (is_signed) CHECK(lab.say(3, lab.header(3, number)));
      if (!is_signed) lab.state(3, static_cast<std::uint32_t>(number));
      if (second == 200) {
        CHECK(lab.say(4, lab.header(4, 2)));
        said = lab.f.now();
      }
      auto& asked = second < 30 ? first : later;
      for (const Asked& a : lab.run(1s)) asked.push_back(a);
      CHECK(lab.gaps().size() <= EventGaps::kOfOrigin + 1);
    }
    CHECK(first.size() <= 300);  // ten a second
    CHECK(later.size() <= 300);  // one a second
    const auto other = std::find_if(later.begin(), later.end(), [](const Asked& a) { return a.sequences.front() == 1; });
    REQUIRE(other != later.end());
    CHECK(other->at - said <= GapLab::kGrace + 1s);
  }
}

TEST_CASE("what was asked for least often goes first") {
  GapLab lab;
  std::vector<std::size_t> origins{1, 2, 3, 4, 5};
  std::sort(origins.begin(), origins.end(), [&](std::size_t a, std::size_t b) { return lab.id(a) < lab.id(b); });
  for (std::size_t i = 0; i < 3; ++i) CHECK(lab.say(origins[i], lab.header(origins[i], 1000)));
  // 24 questions and as many a second later, ten a second: a backlog, in which this one is the last to come.
  lab.run(2s);
  CHECK(lab.say(origins[4], lab.header(origins[4], 2)));
  const auto asked = lab.run(GapLab::kGrace + 600ms);
  CHECK(std::any_of(asked.begin(), asked.end(), [](const Asked& a) { return a.sequences.front() == 1; }));
}

TEST_CASE("bounds: so many gaps of one origin and so many in all; the oldest of whoever has most give way") {
  GapLab lab;
  CHECK(lab.say(2, lab.header(2, 11)));
  for (const std::size_t origin : {1U, 3U, 4U, 5U}) CHECK(lab.say(origin, lab.header(origin, 1000)));
  CHECK(lab.gaps().size() == EventGaps::kMost);
  std::set<std::uint64_t> of_two;
  std::set<std::uint64_t> of_three;
  for (const Asked& a : lab.run(GapLab::kGrace + 10s)) {
    for (const std::uint64_t s : a.sequences) (s < 11 ? of_two : of_three).insert(s);
  }
  CHECK(of_two.size() == 10);
  CHECK(*of_three.begin() >= 1000 - EventGaps::kOfOrigin);
  CHECK(*of_three.rbegin() == 999);
}

TEST_CASE("long events are given in four datagrams at most, those that are over not at all") {
  GapLab lab;
  const std::string payload(limits::kEventPayload, 'x');
  for (std::uint64_t i = 1; i <= 8; ++i) CHECK(lab.say(3, lab.header(3, i, payload), payload));
  Message want = lab.f.blank(MessageKind::want);
  for (std::uint64_t i = 1; i <= 8; ++i) want.wants.push_back({RumorKind::event, lab.id(3), i});
  const auto given = [&] {
    std::set<std::uint64_t> out;
    for (const Output& o : lab.f.node().on_datagram(lab.f.now(), lab.f.peer().endpoint, lab.f.frame(want))) {
      const auto* t = std::get_if<Transmit>(&o);
      if (t == nullptr) continue;
      alignas(8) std::array<std::byte, limits::kDatagram> plain{};
      const auto opened = lab.f.open(t->datagram, 1, plain);
      REQUIRE(opened.has_value());
      Message m;
      REQUIRE(decode_message(*opened, m).has_value());
      for (const Rumor& r : m.rumors) out.insert(decode_event(r.content()).value().sequence.value);
    }
    return out;
  };
  CHECK(given() == std::set<std::uint64_t>{1, 2, 3, 4});
  lab.pass(16s);
  CHECK(given().empty());
}
