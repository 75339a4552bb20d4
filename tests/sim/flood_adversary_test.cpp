// Members that send more than anybody should have to take. Where a limit stands against it, it is seen; where none
// does, the work that it makes is.
#include "sim/adversary_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

std::uint64_t in(const Counters& c, MessageKind kind) { return c.messages_in[static_cast<std::size_t>(kind)]; }
std::uint64_t drops(const Counters& c, DropReason reason) { return c.dropped[static_cast<std::size_t>(reason)]; }

// What ten seconds of it, at a hundred acts a second, make the target count.
struct Flood {
  Counters before, after;
  std::size_t deaths = 0, suspicions = 0;
};
Flood flood(const char* name) {
  AdversaryLab lab(8);
  Flood out;
  out.before = lab.counters(0);
  const auto liar = lab.begin(name, by({1}, {0}, 100));
  lab.world.run_for(10s);
  out.after = lab.counters(0);
  CHECK(liar->acts() >= 990);
  liar->stop();
  const auto acts = liar->acts();
  CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 30s));
  lab.world.run_for(1s);
  CHECK(liar->acts() == acts);
  out.deaths = lab.world.count(Event::Kind::member_dead);
  out.suspicions = lab.world.count(Event::Kind::member_suspect);
  return out;
}

}  // namespace

TEST_CASE("frame-flooder: each ping is answered: no quota yet") {
  const Flood f = flood("frame-flooder");
  CHECK(in(f.after, MessageKind::ping) - in(f.before, MessageKind::ping) >= 990);
  CHECK(f.after.messages_out[static_cast<std::size_t>(MessageKind::ack)] >= 990);
  CHECK(f.suspicions == 0);
}

TEST_CASE("rumor-flooder: four signatures a datagram are verified in vain: no quota yet") {
  const Flood f = flood("rumor-flooder");
  CHECK(f.after.rumors_bad_signature - f.before.rumors_bad_signature >= 3500);
  CHECK(f.after.signature_checks - f.before.signature_checks >= 3500);
  CHECK(f.suspicions == 0);
}

TEST_CASE("accusation-flooder: each accusation is verified again; nobody dies of them") {
  const Flood f = flood("accusation-flooder");
  CHECK(f.after.signature_checks - f.before.signature_checks >= 300);
  CHECK(f.suspicions > 0);
  CHECK(f.deaths == 0);
}

TEST_CASE("hint-flooder: one hint a period is obeyed, and a burst of three") {
  const Flood f = flood("hint-flooder");
  CHECK(drops(f.after, DropReason::over_limit) - drops(f.before, DropReason::over_limit) >= 900);
  CHECK(f.after.hints_in - f.before.hints_in <= 14);
  CHECK(f.after.verifications - f.before.verifications <= 14);
  CHECK(f.suspicions == 0);
}

// By six relays, of which each carries twenty a second: so 100 a second do get through; at the target they do not open.
TEST_CASE("relay-flooder: what relays carry does not open") {
  const Flood f = flood("relay-flooder");
  CHECK(in(f.after, MessageKind::relayed) - in(f.before, MessageKind::relayed) >= 900);
  CHECK(drops(f.after, DropReason::unexpected) - drops(f.before, DropReason::unexpected) >= 900);
  CHECK(f.suspicions == 0);
}

TEST_CASE("relay-flooder: a relay carries twenty a second to one member, whoever asks") {
  AdversaryLab lab(3);
  const auto before = lab.counters(0);
  const auto liar = lab.begin("relay-flooder", by({1}, {0}, 500));
  lab.world.run_for(10s);
  CHECK(liar->acts() >= 4900);
  CHECK(in(lab.counters(0), MessageKind::relayed) - in(before, MessageKind::relayed) <= 11 * 20);
  CHECK(drops(lab.counters(2), DropReason::over_limit) > 4000);
}

TEST_CASE("event-flooder: ten events a second of one origin are delivered, and a burst of a hundred") {
  const Flood f = flood("event-flooder");
  CHECK(f.after.events_over_quota - f.before.events_over_quota >= 700);
  CHECK(f.after.events_delivered - f.before.events_delivered >= 190);
  CHECK(f.after.events_delivered - f.before.events_delivered <= 205);
}

// 64 places, 30 s each: ten a second fill them, and a joiner that knows only this member is refused.
TEST_CASE("stream-flooder: it takes all places of its target, and joiners are refused: nothing against that yet") {
  AdversaryLab lab(8);
  const auto liar = lab.begin("stream-flooder", by({1}, {0}, 10));
  lab.world.run_for(10s);
  CHECK(lab.counters(0).streams_refused > 10);
  const auto joiner = lab.world.add(spec("j", {0}));
  lab.world.start(joiner);
  lab.world.run_for(10s);
  CHECK_FALSE(lab.world.peek(joiner).stats().joined);
  CHECK(lab.world.count(Event::Kind::member_dead) == 0);
  liar->stop();
  CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 120s));
}
