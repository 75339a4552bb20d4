// Measures against what can be counted by hand: small worlds, in which the events and datagrams are few enough to be
// added up here in another way.
#include "node/core/impl.h"
#include "sim/watched.h"

#include "sim/scenario/figures.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

// By name, suffix and all: what a run gives must be in the table of figures.
double figure(const sim::RunResult& result, const std::string& name) {
  CHECK(sim::is_figure(name));
  REQUIRE(result.figures.contains(name));
  return result.figures.at(name);
}

}  // namespace

TEST_CASE("every figure that a run gives is in the table, and so are its samples") {
  Watched w(1, 5);
  w.cast.corrupt(4);
  w.run(2s);
  w.crash(3);
  w.run(20s);
  w.end();
  const auto result = w.report();
  for (const auto& [figure, value] : result.figures) {
    const std::string name = figure;
    CAPTURE(name);
    CHECK(sim::is_figure(name));
  }
  for (const auto& [distribution, samples] : result.samples) {
    const std::string name = distribution;
    CAPTURE(name);
    CHECK(sim::is_figure(name + ".p50"));
  }
}

TEST_CASE("percentiles are samples, by rank") {
  const std::vector<double> sorted{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  CHECK(sim::percentile_of_sorted(sorted, 0.5) == 5);
  CHECK(sim::percentile_of_sorted(sorted, 0.9) == 9);
  CHECK(sim::percentile_of_sorted(sorted, 0.99) == 10);
  CHECK(sim::percentile_of_sorted(sorted, 0) == 1);
  CHECK(sim::percentile_of_sorted({7}, 1) == 7);
}

TEST_CASE("a crash: first suspicion, first and full detection, dissemination") {
  Watched w(2, 8);
  w.run(2s);
  w.crash(5);
  const Instant crashed = w.world.now();
  w.run(20s);
  w.end();
  const auto result = w.report();
  std::optional<Instant> suspected, first, last;
  for (const auto& r : w.world.events()) {
    if (r.event.id != w.world.id(5)) continue;
    if (r.event.kind == Event::Kind::member_suspect && !suspected) suspected = r.at;
    if (r.event.kind == Event::Kind::member_dead) {
      if (!first) first = r.at;
      last = r.at;
    }
  }
  REQUIRE(last.has_value());
  CHECK(figure(result, "first_suspicion_s.p50") == doctest::Approx(seconds(*suspected - crashed)));
  CHECK(figure(result, "first_detection_s.max") == doctest::Approx(seconds(*first - crashed)));
  CHECK(figure(result, "full_detection_s.max") == doctest::Approx(seconds(*last - crashed)));
  CHECK(figure(result, "dissemination_s.max") == doctest::Approx(seconds(*last - *first)));
  CHECK(figure(result, "full_detection_s.count") == 1);
  CHECK(figure(result, "undetected") == 0);
  CHECK(figure(result, "failed_probe_periods.count") == 1);
  CHECK(figure(result, "failed_probe_periods.p50") >= 1);
  CHECK(figure(result, "failed_probe_periods.p50") <= 4);
  CHECK(figure(result, "false_deaths") == 0);
  CHECK(figure(result, "removed_all_s") == doctest::Approx(seconds(*last - w.stage.began)));
}

TEST_CASE("a crash that nobody had the time to notice is undetected, one that was undone is none") {
  Watched w(3, 6);
  w.run(1s);
  w.crash(5);
  w.crash(4);
  w.run(1s);
  w.start(4);
  w.run(1s);
  w.end();
  CHECK(figure(w.report(), "undetected") == 1);
  CHECK(figure(w.report(), "removed_all_s") == -1);
}

TEST_CASE("false deaths: whose fault it was decides which figure counts them") {
  ClusterParameters trusting;
  trusting.defense = false;
  Watched w(4, 6, trusting);
  w.run(1s);
  const auto say = [&](std::size_t reader, std::size_t subject, Event::Kind kind) {
    w.world.act(reader, [&](NodeCore& core) {
      auto& impl = CoreAccess::impl(core);
      impl.begin(w.world.now());
      impl.state.event(kind, *impl.state.table.find(w.world.id(subject)), "by force");
      return impl.end();
    });
  };
  w.cast.note_disturbed(1, w.world.now());
  w.cast.note_at_fault(1);
  w.cast.corrupt(5);
  say(0, 2, Event::Kind::member_suspect);
  say(0, 2, Event::Kind::member_dead);  // healthy of healthy
  say(1, 3, Event::Kind::member_dead);  // disturbed of healthy
  say(0, 1, Event::Kind::member_dead);  // healthy of disturbed
  say(5, 2, Event::Kind::member_dead);  // a liar's word
  say(0, 5, Event::Kind::member_dead);  // a liar's death
  w.pause(4, true);
  say(0, 4, Event::Kind::member_dead);  // it does not answer
  w.crash(3);
  w.start(3);
  say(0, 3, Event::Kind::member_dead);  // its last process, and that is true
  const auto result = w.report();
  CHECK(figure(result, "suspicions") == 1);
  CHECK(figure(result, "false_deaths") == 3);
  CHECK(figure(result, "false_positives") == 2);
  CHECK(figure(result, "false_positives_healthy") == 1);
  CHECK(figure(result, "bystander_deaths") == 2);
  CHECK(figure(result, "bystander_deaths_between") == 1);
  CHECK(figure(result, "flaps") == 1);  // of 2 at 0
  CHECK(w.count("no-false-death") == 0);  // nobody promises it without defense
}

TEST_CASE("load: what was sent, a member and second") {
  Watched w(5, 4);
  const auto before = w.world.datagrams();
  w.run(8s);
  w.crash(3);
  w.run(2s);
  w.end();
  const auto result = w.report();
  const double members_seconds = 3 * 10 + 8;
  const auto sent = static_cast<double>(w.world.datagrams() - before);
  CHECK(figure(result, "messages_sent") == doctest::Approx(sent / members_seconds));
  CHECK(figure(result, "messages_sent_period") == doctest::Approx(sent / members_seconds));
  CHECK(figure(result, "messages_worst") >= figure(result, "messages_sent"));
  CHECK(figure(result, "messages_worst") <= 2 * figure(result, "messages_sent"));
  CHECK(figure(result, "messages_received") <= figure(result, "messages_sent"));
  CHECK(figure(result, "messages_received") > figure(result, "messages_sent") * 0.8);
  double messages = 0, bytes = 0;
  for (const auto& s : result.seconds) messages += s.messages, bytes += s.bytes;
  CHECK(result.seconds.size() == 10);
  CHECK(messages == sent);
  CHECK(figure(result, "bytes_sent") == doctest::Approx(bytes / members_seconds));
  CHECK(result.seconds[9].running == 3);
  CHECK(result.seconds[9].pairs[static_cast<std::size_t>(MemberState::alive)] == 6);
  CHECK(result.seconds[0].pairs[static_cast<std::size_t>(MemberState::alive)] == 12);
}

TEST_CASE("counters are summed over all processes of honest members, those that are gone included") {
  Watched w(6, 5);
  w.cast.corrupt(4);
  w.run(10s);
  const auto ended = w.world.peek(3).stats().counters.datagrams_out;
  w.crash(3);
  w.start(3);
  w.run(5s);
  std::uint64_t sum = ended;
  for (std::size_t i = 0; i < 4; ++i) sum += w.world.peek(i).stats().counters.datagrams_out;
  const auto result = w.report();
  CHECK(result.counters.at("datagrams_out") == sum);
  CHECK(result.counters.at("messages_out.ping") > 0);
  CHECK(result.counters.contains("dropped.replayed"));
  CHECK(figure(result, "memory_member_bytes") > 5'000);
  CHECK(figure(result, "memory_member_bytes") < 1'000'000);
  CHECK(figure(result, "signature_checks") > 0);
}

TEST_CASE("user events: half, all, and who was not told") {
  Watched w(7, 6);
  w.run(1s);
  const Instant told = w.world.now();
  REQUIRE_FALSE(w.world.broadcast(2, "deploy", "x"));
  w.run(5s);
  for (std::size_t i = 0; i < 5; ++i) w.cut(i, 5, true);
  REQUIRE_FALSE(w.world.broadcast(2, "deploy", "y"));
  w.run(3s);
  w.end();
  std::vector<Instant> arrivals;
  for (const auto& r : w.world.events()) {
    if (r.event.kind == Event::Kind::user_event && r.node != 2 && r.event.sequence.value == 1) arrivals.push_back(r.at);
  }
  REQUIRE(arrivals.size() == 5);
  const auto result = w.report();
  CHECK(figure(result, "event_delivery_s.count") == 1);
  CHECK(figure(result, "event_delivery_s.max") == doctest::Approx(seconds(arrivals.back() - told)));
  CHECK(figure(result, "event_first_half_s.count") == 2);
  CHECK(result.samples.at("event_first_half_s").front() == doctest::Approx(seconds(arrivals[2] - told)));
  CHECK(figure(result, "event_missed_share") == doctest::Approx(0.1));
}

TEST_CASE("joins: each start until everybody holds the new process, all of them, and the sizes on the way") {
  Watched w(8, 5);
  w.run(1s);
  w.crash(3);
  w.run(500ms);
  const Instant started = w.world.now();
  w.start(3);
  Instant seen;
  for (int i = 0; i < 5000 && seen == Instant{}; ++i) {
    w.run(1ms);
    bool all = true;
    for (std::size_t reader = 0; reader < 5; ++reader) {
      const Member* m = CoreAccess::impl(w.world.peek(reader)).state.table.find(w.world.id(3));
      all = all && m->core->core.at.generation == w.world.peek(3).stats().generation &&
            w.world.state_of(3, reader) == MemberState::alive;
    }
    if (all) seen = w.world.now();
  }
  REQUIRE(seen != Instant{});
  w.run(5s);
  w.end();
  const auto result = w.report();
  CHECK(figure(result, "join_s.count") == 1);
  CHECK(figure(result, "join_s.max") <= seconds(seen - started) + 0.01);
  CHECK(figure(result, "join_s.max") > seconds(seen - started) - 0.1);
  CHECK(figure(result, "join_all_s") == doctest::Approx(figure(result, "join_s.max")).epsilon(0.5));
  CHECK(figure(result, "sizes_seen") >= 1);
}

TEST_CASE("partners: of those that honest members choose, the part that lies") {
  Watched w(9, 5);
  w.cast.corrupt(4);
  w.run(60s);
  w.end();
  const auto result = w.report();
  CHECK(figure(result, "byzantine_partners.count") == 4);
  // An idle cluster only probes, each of four others in turn.
  CHECK(figure(result, "byzantine_partners.mean") == doctest::Approx(0.25).epsilon(0.1));
}

TEST_CASE("isolation, doubt and the heat maps of a member that is cut off") {
  Watched w(10, 6);
  for (std::size_t i = 0; i < 5; ++i) w.cut(i, 5, true);
  w.run(60s);
  w.end();
  const auto result = w.report();
  CHECK(figure(result, "isolated") == 1);
  CHECK(figure(result, "suspect_share") > 0.2);
  CHECK(figure(result, "suspect_share") < 10.0 / 30 + 0.01);
  REQUIRE(result.end.states.size() == 6);
  CHECK(result.end.states[0][5] == static_cast<std::uint8_t>(MemberState::dead));
  CHECK(result.end.states[5][0] == static_cast<std::uint8_t>(MemberState::unreachable));
  CHECK(result.end.states[0][1] == static_cast<std::uint8_t>(MemberState::alive));
  CHECK(result.worst.states.size() == 6);
  CHECK(result.marks.size() == 5);
  CHECK(result.marks.front().what == "cut n0");
}

TEST_CASE("settling: from the heal to everybody's agreement") {
  Watched w(11, 5);
  for (std::size_t i = 0; i < 4; ++i) w.cut(i, 4, true);
  w.run(20s);
  w.world.network().mend_all();
  const Instant healed = w.world.now();
  CHECK(w.settle());
  const Instant settled = w.world.now();
  w.end();
  CHECK(figure(w.report(), "settle_s") == doctest::Approx(seconds(settled - healed)));
}

TEST_CASE("a run is good if it broke nothing, settled and met what was expected of it") {
  sim::RunResult result;
  CHECK(result.passed());
  result.expectations.push_back({});
  CHECK_FALSE(result.passed());
  result.expectations.back().met = true;
  CHECK(result.passed());
  result.violation_count = 1;
  CHECK_FALSE(result.passed());
  result.violation_count = 0;
  result.settled = false;
  CHECK_FALSE(result.passed());
}
