// With the memo a run is the run without it: equal verdicts, equal secrets, and an equal trace.
#include "sim/memo/memo.h"

#include "crypto/drbg.h"
#include "crypto/exchange.h"
#include "crypto/sign.h"
#include "node/core/support.h"
#include "sim/formed.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

struct Fast {
  Fast() { sim::set_fast_crypto(true); }
  ~Fast() { sim::set_fast_crypto(false); }
};

Drbg rng_of(std::string_view label) { return Drbg(ByteArray<32>{}, label); }

struct Story {
  std::uint64_t trace = 0, datagrams = 0;
  std::size_t dead = 0;
  std::vector<std::uint64_t> checks;  // of signatures, by node
};

// 500 nodes; three join, one crashes and is found dead, one restarts.
Story tell() {
  sim::World world(77);
  world.set_keep_snapshots(false);
  sim::start_formed(world, 500);
  world.run_for(2s);
  for (std::size_t i = 500; i < 503; ++i) {
    world.add(spec("late" + std::to_string(i), {0, 1, 2}));
    world.start(i);
  }
  world.run_for(3s);
  world.crash(200);
  world.crash(300);
  world.run_for(1s);
  world.start(300);
  CHECK(world.run_until([&] { return world.all_see(MemberState::dead, 200); }, 40s));
  Story out{world.trace_hash(), world.datagrams(), world.count(Event::Kind::member_dead), {}};
  for (std::size_t i = 0; i < world.size(); ++i) {
    if (world.is_running(i)) out.checks.push_back(world.peek(i).stats().counters.signature_checks);
  }
  return out;
}

}  // namespace

TEST_CASE("memo: a run of 500 nodes with joins, a crash and a restart is the same, event for event") {
  const Story real = tell();
  const Fast fast;
  const sim::MemoCounts before = sim::memo_counts();
  const Story memoised = tell();
  const sim::MemoCounts after = sim::memo_counts();
  CHECK(memoised.trace == real.trace);
  CHECK(memoised.datagrams == real.datagrams);
  CHECK(memoised.dead == real.dead);
  CHECK(memoised.checks == real.checks);
  CHECK(real.dead > 0);
  // And it was a memo's run: of a signature that hundreds check, nearly all found the verdict.
  const auto verdicts = after.verdicts_asked - before.verdicts_asked;
  const auto secrets = after.secrets_asked - before.secrets_asked;
  CHECK(verdicts > 5'000);
  CHECK((after.verdicts_known - before.verdicts_known) * 10 > verdicts * 9);
  CHECK((after.secrets_known - before.secrets_known) * 10 > secrets * 4);
}

TEST_CASE("memo: verdicts depend on every byte, good and bad alike, however often asked") {
  Drbg rng = rng_of("memo verdicts");
  const SigningKey key = SigningKey::generate(rng), other = SigningKey::generate(rng);
  const ByteVector content = to_vector(as_bytes("what was signed"));
  const Signature good = key.sign(SignDomain::event, {}, content);
  ByteVector changed = content;
  changed.back() ^= std::byte{1};
  Signature bad = good;
  bad[5] ^= std::byte{1};
  const Fast fast;
  for (int round = 0; round < 3; ++round) {
    CHECK(verify(key.public_key(), SignDomain::event, {}, content, good));
    CHECK_FALSE(verify(key.public_key(), SignDomain::event, {}, changed, good));
    CHECK_FALSE(verify(key.public_key(), SignDomain::event, {}, content, bad));
    CHECK_FALSE(verify(other.public_key(), SignDomain::event, {}, content, good));
    CHECK_FALSE(verify(key.public_key(), SignDomain::core, {}, content, good));
  }
  CHECK(sim::memo_counts().verdicts_known >= 10);
}

TEST_CASE("memo: secrets are those of the function, from both ends and of strangers; a bad point stays bad") {
  Drbg rng = rng_of("memo secrets");
  const auto scalar = [&] {
    ByteArray<32> out;
    rng.fill(out);
    return out;
  };
  const auto sa = scalar(), sb = scalar(), ss = scalar();
  const SessionKey stranger = SessionKey::from_bytes(ss);  // made while the memo was off
  const auto real = SessionKey::from_bytes(sa).shared_with(SessionKey::from_bytes(sb).public_key());
  const auto real_strange = SessionKey::from_bytes(sa).shared_with(stranger.public_key());
  const Fast fast;
  const SessionKey a = SessionKey::from_bytes(sa), b = SessionKey::from_bytes(sb);
  const std::uint64_t known = sim::memo_counts().secrets_known;
  for (int round = 0; round < 2; ++round) {
    CHECK(equal(a.shared_with(b.public_key())->bytes(), real->bytes()));
    CHECK(equal(b.shared_with(a.public_key())->bytes(), real->bytes()));
    CHECK(equal(a.shared_with(stranger.public_key())->bytes(), real_strange->bytes()));
    CHECK(equal(stranger.shared_with(a.public_key())->bytes(), real_strange->bytes()));
    CHECK_FALSE(a.shared_with(SessionPublicKey{}).has_value());
  }
  CHECK(sim::memo_counts().secrets_known - known == 4);  // a-b three times, a-stranger once
}
