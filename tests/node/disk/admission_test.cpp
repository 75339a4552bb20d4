#include "node/cli/admission.h"

#include "helpers.h"

#include <deque>

using namespace quorumor;
using namespace quorumor::test;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

PublicKey key_of(unsigned char n) {
  PublicKey out{};
  out[0] = std::byte{n};
  return out;
}

Admission make_admission(unsigned char key, const std::string& name) {
  Admission out;
  out.key = key_of(key);
  out.name = name;
  out.not_after = wall_from_seconds(kNow + 1000);
  return out;
}

// Gives what it is told, then counts up.
struct ScriptedRng final : Rng {
  std::deque<unsigned char> draws;
  unsigned char last = 100;
  void fill(MutableBytes out) override {
    unsigned char next = ++last;
    if (!draws.empty()) {
      next = draws.front();
      draws.pop_front();
    }
    std::fill(out.begin(), out.end(), std::byte{next});
  }
};

struct Authority {
  Ledger ledger{ClusterId{}};
  ScriptedRng rng;

  Fallible<LedgerEntry> plan(const Admission& a, std::int64_t now = kNow) {
    return plan_admission(ledger, a, wall_from_seconds(now), rng);
  }
  LedgerEntry admit(const Admission& a, std::int64_t now = kNow) {
    auto entry = plan(a, now);
    REQUIRE_MESSAGE(entry.has_value(), message_of(entry));
    ledger.put(entry.value());
    return entry.value();
  }
};

}  // namespace

TEST_CASE("a first admission") {
  Authority a;
  Admission admission = make_admission(1, "n1");
  admission.zone = "z";
  admission.roles = {{"keymaster"}};
  const LedgerEntry e = a.admit(admission);
  CHECK(e.name == "n1");
  CHECK(e.zone == "z");
  CHECK(e.roles == std::vector<std::string>{"keymaster"});
  CHECK(e.identity == key_of(1));
  CHECK(e.serial == Serial{kNow});
  CHECK(e.not_before == wall_from_seconds(kNow - 300));
  CHECK(e.not_after == wall_from_seconds(kNow + 1000));
  CHECK(admission_warnings(e, wall_from_seconds(kNow)).empty());
}

TEST_CASE("renewal: the same id, a higher serial whatever the clock says, zone and roles kept unless given") {
  Authority a;
  Admission admission = make_admission(1, "n1");
  admission.zone = "z";
  admission.roles = {{"keymaster"}};
  const LedgerEntry first = a.admit(admission);
  const LedgerEntry second = a.admit(make_admission(1, "n1"), kNow);
  CHECK(second.id == first.id);
  CHECK(second.serial == Serial{kNow + 1});
  CHECK(second.zone == "z");
  CHECK(second.roles == first.roles);
  CHECK(a.admit(make_admission(1, "n1"), 1000).serial == Serial{kNow + 2});
  CHECK(a.admit(make_admission(1, "n1"), kNow + 500).serial == Serial{kNow + 500});
  admission.zone = "";
  admission.roles = std::vector<std::string>{};
  const LedgerEntry last = a.admit(admission);
  CHECK(last.zone.empty());
  CHECK(last.roles.empty());
  CHECK(a.ledger.entries().size() == 1);
}

TEST_CASE("a serial at the end of its range is refused") {
  Authority a;
  LedgerEntry e = a.admit(make_admission(1, "n1"));
  e.serial = Serial{~std::uint64_t{0}};
  a.ledger.put(e);
  check_message(message_of(a.plan(make_admission(1, "n1"))), {"used up"});
}

TEST_CASE("a name belongs to one key, a key to one name") {
  Authority a;
  a.admit(make_admission(1, "n1"));
  a.admit(make_admission(2, "n2"));
  check_message(message_of(a.plan(make_admission(3, "n1"))),
                {"'n1' belongs to another key", "another --name"});
  check_message(message_of(a.plan(make_admission(1, "n3"))),
                {"admitted already, as 'n1'", "--name n1", "node init"});
  check_message(message_of(a.plan(make_admission(1, "n2"))), {"'n2' belongs to another key"});
  CHECK(a.ledger.entries().size() == 2);
}

TEST_CASE("ids whose first 8 bytes are taken are drawn again") {
  Authority a;
  a.rng.draws = {7};
  const NodeId first = a.admit(make_admission(1, "n1")).id;
  CHECK(first[0] == std::byte{7});
  a.rng.draws = {7, 7, 9};
  CHECK(a.admit(make_admission(2, "n2")).id[0] == std::byte{9});
}

TEST_CASE("expiry, also in the past") {
  struct {
    std::int64_t not_after;
    std::int64_t not_before;
    bool warned;
  } const cases[] = {
      {kNow + 1, kNow - 300, false},
      {kNow, kNow - 3600, true},
      {kNow - 10, kNow - 3610, true},
      {3600, 0, true},
      {1, 0, true},
      {253'402'300'799, kNow - 300, false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.not_after);
    Authority a;
    Admission admission = make_admission(1, "n1");
    admission.not_after = wall_from_seconds(c.not_after);
    const LedgerEntry e = a.admit(admission);
    CHECK(e.not_before == wall_from_seconds(c.not_before));
    CHECK(e.not_after == admission.not_after);
    CHECK(admission_warnings(e, wall_from_seconds(kNow)).empty() == !c.warned);
  }
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{253'402'300'800}}) {
    Authority a;
    Admission admission = make_admission(1, "n1");
    admission.not_after = wall_from_seconds(bad);
    CHECK(a.plan(admission).error().usage);
  }
  Authority a;
  check_message(message_of(a.plan(make_admission(1, "n1"), -5)), {"clock"});
  CHECK(a.admit(make_admission(1, "n1"), 100).not_before == WallTime{});
}

TEST_CASE("names, zones and roles that are none") {
  const std::string long_name(65, 'a');
  for (const std::string& bad :
       {std::string(""), std::string("N1"), std::string("a b"), std::string("a/b"), long_name}) {
    CAPTURE(bad);
    Authority a;
    CHECK(a.plan(make_admission(1, bad)).error().usage);
    Admission zone = make_admission(1, "n1");
    zone.zone = bad;
    CHECK(a.plan(zone).has_value() == bad.empty());
    Admission role = make_admission(1, "n1");
    role.roles = {{bad}};
    CHECK(a.plan(role).error().usage);
  }
  Authority a;
  Admission roles = make_admission(1, "n1");
  roles.roles = {{"a", "b", "c", "d"}};
  CHECK(a.plan(roles).has_value());
  roles.roles = {{"a", "b", "c", "d", "e"}};
  CHECK(a.plan(roles).error().usage);
  roles.roles = {{"a", "a"}};
  check_message(message_of(a.plan(roles)), {"twice"});
}

TEST_CASE("a role that is nearly keymaster is warned about") {
  Authority a;
  Admission admission = make_admission(1, "n1");
  admission.roles = {{"keymaster", "keymastr", "web"}};
  const auto warnings = admission_warnings(a.admit(admission), wall_from_seconds(kNow));
  REQUIRE(warnings.size() == 1);
  check_message(warnings[0], {"'keymastr'", "'keymaster'"});
}

TEST_CASE("a revoked member is admitted again only by a pardon, above what was revoked") {
  Authority a;
  const LedgerEntry first = a.admit(make_admission(1, "n1"));
  Revocation revocation;
  revocation.id = first.id;
  revocation.serial = Serial{first.serial.value + 5000};
  revocation.at = wall_from_seconds(kNow);
  revocation.reason = "stolen";
  a.ledger.put(revocation);
  check_message(message_of(a.plan(make_admission(1, "n1"))), {"'n1' was revoked", "(stolen)", "--renew n1 --pardon"});
  CHECK(a.plan(make_admission(2, "n2")).has_value());
  Admission pardon = make_admission(1, "n1");
  pardon.pardon = true;
  const LedgerEntry again = a.admit(pardon);
  CHECK(again.id == first.id);
  CHECK(again.serial == Serial{revocation.serial.value + 1});
  CHECK(!a.ledger.is_revoked(again));
  CHECK(a.plan(make_admission(1, "n1")).has_value());  // a plain renewal works from now on
}
