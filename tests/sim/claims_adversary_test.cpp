// Members that lie about themselves, that let the dead speak, that repeat what others said; and who is caught by those
// that tell of nobody but themselves.
#include "sim/adversary_lab.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

std::uint64_t checks_of_all(const AdversaryLab& lab, std::size_t n) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += lab.counters(i).signature_checks;
  return sum;
}

}  // namespace

TEST_CASE("equivocator: both halves meet the other's story; all end with the same, and the liar goes on") {
  AdversaryLab lab(8);
  const auto liar = lab.begin("equivocator", by({1}, {}, 1));
  lab.world.run_for(10s);
  std::uint64_t conflicts = 0;
  for (std::size_t i = 0; i < 8; ++i) conflicts += i != 1 ? lab.counters(i).conflicts : 0;
  CHECK(liar->acts() >= 7 * 10);
  CHECK(conflicts > 10);
  CHECK(lab.world.count(Event::Kind::clone_alarm) == 0);
  liar->stop();
  CHECK(lab.world.run_until([&] {
    for (std::size_t i = 0; i < 8; ++i) {
      if (lab.held(1, i) != lab.held(1, 1)) return false;
    }
    return lab.world.all_alive();
  }, 30s));
}

TEST_CASE("inflators: everybody verifies each of their claims: nothing stands against that yet") {
  for (const char* name : {"incarnation-inflator", "generation-inflator"}) {
    CAPTURE(name);
    AdversaryLab lab(8);
    lab.world.run_for(5s);
    const auto before = checks_of_all(lab, 8);
    lab.world.run_for(10s);
    const auto quiet = checks_of_all(lab, 8) - before;
    const Coordinate at = lab.held(1, 0);
    const auto liar = lab.begin(name, by({1}));
    lab.world.run_for(10s);
    CHECK(liar->acts() >= 100);
    CHECK(checks_of_all(lab, 8) - before - quiet >= quiet + 200);
    CHECK(lab.held(1, 0) > at);
    CHECK((lab.held(1, 0).generation > at.generation) == (std::string_view(name) == "generation-inflator"));
    liar->stop();
    CHECK(lab.world.run_until([&] { return lab.held(1, 0) == lab.held(1, 1); }, 10s));
    lab.world.restart(1);
    CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 30s));
    CHECK(lab.world.count(Event::Kind::clone_alarm) == 0);
  }
}

TEST_CASE("zombie: friends cannot keep the dead alive, unless they observe alone") {
  AdversaryLab lab(12);
  const auto friends = lab.begin("zombie", by({1, 2}, {7}));
  lab.world.crash(7);
  lab.world.run_for(40s);
  CHECK(friends->acts() > 100);
  CHECK(lab.counters(1).accusations_signed == 0);
  for (std::size_t i = 0; i < 12; ++i) {
    if (i != 1 && i != 2 && i != 7) CHECK(lab.world.state_of(7, i) == MemberState::dead);
  }
}

TEST_CASE("zombie: with refutations that it signed before, it stays among the living: nothing stands against it yet") {
  AdversaryLab lab(12);
  auto setting = by({1, 2}, {7});
  setting.colluders = {1, 2, 7};
  setting.part.count = 1000;
  const auto friends = lab.begin("zombie", setting);
  lab.world.crash(7);
  lab.world.run_for(60s);
  CHECK(lab.told_by(Event::Kind::member_suspect, 7) > 0);
  std::size_t deceived = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    if (i != 1 && i != 2 && i != 7) deceived += lab.world.state_of(7, i) != MemberState::dead ? 1 : 0;
  }
  CHECK(deceived > 0);
  friends->stop();
  lab.world.run_for(60s);
  for (std::size_t i = 0; i < 12; ++i) {
    if (i != 1 && i != 2 && i != 7) CHECK(lab.world.state_of(7, i) == MemberState::dead);
  }
}

TEST_CASE("hoarder: old accusations change nothing, and cost no signature check") {
  AdversaryLab lab(8, false);
  const auto accuser = lab.begin("victim-accuser", by({2}, {3}, 2));
  const auto hoarder = lab.begin("hoarder", by({1}, {}, 50));
  lab.world.run_for(10s);
  accuser->stop();
  CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 10s));
  lab.world.run_for(3s);
  lab.world.clear_events();
  const auto acts = hoarder->acts();
  const auto known = lab.counters(0).rumors_known, checks = lab.counters(0).signature_checks;
  lab.world.run_for(20s);
  CHECK(hoarder->acts() >= acts + 900);
  CHECK(lab.counters(0).rumors_known > known + 100);
  CHECK(lab.counters(0).signature_checks < checks + 5);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
  lab.world.restart(3);  // they are not about the new process either
  lab.world.run_for(10s);
  CHECK(lab.world.count(Event::Kind::member_suspect) == 0);
}

TEST_CASE("replayer-insider: what is known is dropped unverified") {
  AdversaryLab lab(8);
  lab.world.run_for(5s);
  const auto known = lab.counters(0).rumors_known, checks = lab.counters(0).signature_checks;
  const auto liar = lab.begin("replayer-insider", by({1}, {0}, 100));
  lab.world.run_for(10s);
  CHECK(liar->acts() >= 1000);
  CHECK(lab.counters(0).rumors_known > known + 2000);
  CHECK(lab.counters(0).signature_checks == checks);
}

TEST_CASE("eclipser: who joins by them alone knows them alone: nothing stands against that yet") {
  AdversaryLab lab(12);
  const auto liars = lab.begin("eclipser", by({1, 2, 3}));
  const auto caught = lab.join_by({1, 2, 3});
  lab.world.run_for(60s);
  CHECK(liars->acts() > 0);
  CHECK(lab.members_of(caught) == 4);
  for (const std::size_t honest : {0U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U}) {
    CHECK(lab.world.state_of(caught, honest) == MemberState::unknown);
    CHECK(lab.world.state_of(honest, caught) == MemberState::unknown);
  }
  // One honest seed is enough.
  const auto free = lab.join_by({1, 2, 4});
  CHECK(lab.world.run_until([&] { return lab.members_of(free) >= 12; }, 30s));
  liars->stop();
  CHECK(lab.world.run_until([&] { return lab.world.all_alive(); }, 120s));
}
