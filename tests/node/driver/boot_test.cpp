#include "node/driver/boot.h"

#include "helpers.h"
#include "node/core/state.h"

using namespace quorumor;
using test::check_message;
using test::message_of;

namespace {

const WallTime kNow = wall_from_seconds(1'700'000'000);

RuntimeOptions options_for(const std::filesystem::path& directory) {
  RuntimeOptions out;
  out.directory = directory;
  out.bind = {"127.0.0.1:0"};
  return out;
}

// What a node that was in a cluster has on disk.
void store_ring(const std::filesystem::path& path) {
  const StateDirectory directory = StateDirectory::open(path).value();
  const SigningKey identity = directory.identity().value();
  const Bundle bundle = *directory.bundle().value();
  Drbg rng = test::make_rng(9);
  EpochKey key = EpochKey::generate(rng);
  Announcement a;
  a.signer = bundle.credential.credential.id;
  a.epoch = Epoch{1};
  a.commitment = key.commitment(bundle.cluster());
  a.signed_at = kNow;
  Keyring ring{bundle.cluster()};
  ring.bootstrap(sign_announcement(identity, bundle.cluster(), std::move(a)), std::move(key));
  REQUIRE(directory.store_ring(ring.serialize()).has_value());
}

void store_snapshot(const std::filesystem::path& path) {
  const StateDirectory directory = StateDirectory::open(path).value();
  const Bundle bundle = *directory.bundle().value();
  Snapshot snapshot;
  snapshot.members.push_back({bundle.credential.content, {}, {}});
  REQUIRE(directory.store_snapshot(encode_snapshot(bundle.cluster(), snapshot)).has_value());
}

}  // namespace

TEST_CASE("what is missing is said, with what to do") {
  test::TemporaryFolder folder;
  RuntimeOptions options = options_for(folder / "n1");
  options.bootstrap = true;
  check_message(message_of(boot(options, kNow)), {(folder / "n1").string(), "quorumor node init"});

  Drbg rng = test::make_rng();
  REQUIRE(StateDirectory::create(folder / "n1", rng).has_value());
  check_message(message_of(boot(options, kNow)),
                {"no credential in " + (folder / "n1").string(), "quorumor authority admit --request TOKEN --name",
                 "quorumor node install"});
}

TEST_CASE("the rules of --bootstrap and --join") {
  struct Case {
    const char* what;
    bool keymaster, ring, snapshot, damaged_snapshot, bootstrap, join;
    bool starts;
    bool new_cluster;
    std::vector<std::string> says;  // of the refusal, or of the first note
  };
  const std::vector<Case> cases = {
      {"nothing", true, false, false, false, false, false, false, false, {"--join HOST:PORT", "--bootstrap"}},
      {"join", false, false, false, false, false, true, true, false, {}},
      {"bootstrap", true, false, false, false, true, false, true, true, {}},
      {"bootstrap, and seeds for later", true, false, false, false, true, true, true, true, {}},
      {"without the role", false, false, false, false, true, false, false, false, {"lacks the role keymaster"}},
      {"ring", false, true, false, false, false, false, true, false, {}},
      {"ring and bootstrap", true, true, true, false, true, false, true, false, {"--bootstrap has no effect"}},
      {"ring and bootstrap without the role", false, true, false, false, true, false, true, false, {"no effect"}},
      {"members and bootstrap", true, false, true, false, true, false, false, false, {"lost its ring", "--join"}},
      {"damaged members and bootstrap", true, false, false, true, true, false, false, false, {"lost its ring"}},
      {"members and join", true, false, true, false, false, true, true, false, {}},
      {"damaged members and join", true, false, false, true, false, true, true, false, {"set aside"}},
      {"members alone", true, false, true, false, false, false, false, false, {"--join HOST:PORT"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    test::TemporaryFolder folder;
    const auto path = test::make_node(folder, "n1", 1,
                                      c.keymaster ? std::vector<std::string>{"keymaster"} : std::vector<std::string>{});
    if (c.ring) store_ring(path);
    if (c.snapshot) store_snapshot(path);
    if (c.damaged_snapshot) {
      store_snapshot(path);
      test::spill(path / "members", "damage");
    }
    RuntimeOptions options = options_for(path);
    options.bootstrap = c.bootstrap;
    if (c.join) options.join = {"127.0.0.1:7000", "seed.example:7001"};
    const auto booted = boot(options, kNow);
    if (!c.starts) {
      check_message(message_of(booted), {c.says.begin()[0]});
      for (const std::string& part : c.says) CHECK(test::contains(message_of(booted), part));
      CHECK(booted.error().usage);
      continue;
    }
    REQUIRE_MESSAGE(booted.has_value(), message_of(booted));
    const Boot& b = booted.value();
    CHECK(b.bootstrap == c.new_cluster);
    CHECK(b.core.ring.has_value() == c.ring);
    CHECK(b.core.snapshot.members.empty() == !c.snapshot);
    CHECK(b.core.seeds.size() == (c.join ? 1 : 0));
    CHECK(b.named_seeds.size() == (c.join ? 1 : 0));
    REQUIRE(b.notes.size() == (c.says.empty() ? 0 : 1));
    if (!c.says.empty()) CHECK(test::contains(b.notes[0], c.says[0]));
  }
}

TEST_CASE("a node that knows that it is revoked does not start, until it has a credential of a higher serial") {
  test::TemporaryFolder folder;
  const auto path = test::make_node(folder, "n1", 1);
  const StateDirectory directory = StateDirectory::open(path).value();
  const Bundle bundle = *directory.bundle().value();
  const auto store = [&](const SigningKey& signer, std::uint64_t serial) {
    Revocation r;
    r.id = bundle.credential.credential.id;
    r.serial = Serial{serial};
    r.reason = "stolen";
    const ByteVector content = encode_revocation(r);
    Verdicts held;
    held.add(r, revocation_digest(content),
             join_record(content, signer.sign(SignDomain::revocation, bundle.cluster(), content)));
    REQUIRE(directory.store_verdicts(encode_verdicts(bundle.cluster(), held)).has_value());
  };
  RuntimeOptions options = options_for(path);
  options.join = {"127.0.0.1:7000"};
  store(test::test_authority(), 1);
  check_message(message_of(boot(options, kNow)), {"has revoked", "'n1' (stolen)", "quorumor authority admit"});
  store(directory.identity().value(), 1);  // not the authority's: nothing
  CHECK(boot(options, kNow).has_value());

  store(test::test_authority(), 1);
  Credential next = bundle.credential.credential;
  next.serial = Serial{2};
  Bundle renewed = bundle;
  renewed.credential = issue_credential(test::test_authority(), bundle.cluster(), next);
  REQUIRE(directory.install_bundle(renewed).has_value());
  {
    const auto booted = boot(options, kNow);
    REQUIRE_MESSAGE(booted.has_value(), message_of(booted));
    CHECK(booted.value().core.verdicts.size() == 1);
  }
  test::spill(path / "verdicts", "damage");
  check_message(message_of(boot(options, kNow)), {"verdicts is damaged"});
}

TEST_CASE("a start takes a new generation and fresh entropy, and locks the directory") {
  test::TemporaryFolder folder;
  RuntimeOptions options = options_for(test::make_node(folder, "n1", 1, {"keymaster"}));
  options.bootstrap = true;
  Generation first;
  ByteArray<32> entropy{};
  {
    const auto booted = boot(options, kNow);
    REQUIRE_MESSAGE(booted.has_value(), message_of(booted));
    first = booted.value().core.generation;
    entropy = booted.value().core.entropy;
    CHECK(entropy != ByteArray<32>{});
    check_message(message_of(boot(options, kNow)), {"already running", options.directory.string()});
  }
  const auto again = boot(options, kNow);
  REQUIRE_MESSAGE(again.has_value(), message_of(again));
  CHECK(again.value().core.generation > first);
  CHECK(again.value().core.entropy != entropy);
  CHECK(again.value().label == "test");
  CHECK(again.value().core.credential.credential.name == "n1");
}

TEST_CASE("a refused start takes no generation and leaves the lock") {
  test::TemporaryFolder folder;
  const RuntimeOptions options = options_for(test::make_node(folder, "n1", 1));
  CHECK_FALSE(boot(options, kNow).has_value());
  CHECK_FALSE(std::filesystem::exists(options.directory / "generation"));
  CHECK(StateDirectory::open(options.directory).value().lock().has_value());
}

TEST_CASE("a credential out of its time is a note: the clock may be wrong, and others decide") {
  test::TemporaryFolder folder;
  RuntimeOptions options = options_for(test::make_node(folder, "n1", 1));
  options.join = {"127.0.0.1:7000"};
  struct Case {
    WallTime now;
    const char* says;
  };
  for (const Case& c :
       {Case{wall_from_seconds(4'100'000'000), "has expired"}, Case{wall_from_seconds(500'000), "not valid yet"}}) {
    CAPTURE(c.says);
    const auto booted = boot(options, c.now);
    REQUIRE_MESSAGE(booted.has_value(), message_of(booted));
    REQUIRE(booted.value().notes.size() == 1);
    CHECK(test::contains(booted.value().notes[0], c.says));
  }
}

TEST_CASE("bad settings and seeds name themselves") {
  test::TemporaryFolder folder;
  RuntimeOptions options = options_for(test::make_node(folder, "n1", 1));
  options.join = {"127.0.0.1:7000"};
  SUBCASE("config") {
    options.config.gossip_fanout = 0;
    check_message(message_of(boot(options, kNow)), {"gossip_fanout"});
  }
  SUBCASE("no port") {
    options.join = {"127.0.0.1"};
    check_message(message_of(boot(options, kNow)), {"--join", "'127.0.0.1'"});
  }
  SUBCASE("port 0 of a name") {
    options.join = {"seed.example:0"};
    check_message(message_of(boot(options, kNow)), {"seed.example:0", "port 0"});
  }
  SUBCASE("multicast") {
    options.join = {"224.0.0.1:7000"};
    check_message(message_of(boot(options, kNow)), {"224.0.0.1:7000"});
  }
  SUBCASE("too many") {
    options.join.assign(65, "127.0.0.1:7000");
    check_message(message_of(boot(options, kNow)), {"at most 64"});
  }
  CHECK(boot(options, kNow).error().usage);
}
