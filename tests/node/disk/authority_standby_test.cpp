// A standby authority's directory: endorsed once, good for everything that the first one did.
#include "node/cli/authority_directory.h"

#include "authority_fixture.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

using Fixture = AuthorityFixture;

}  // namespace

TEST_CASE("a standby: a key of its own, the root's cluster, a copy of the ledger, private files") {
  Fixture f;
  const auto root = f.make("root");
  REQUIRE(f.admit(root, "n1").has_value());
  const auto standby = f.endorse(root, "standby");
  CHECK(standby.is_standby());
  CHECK_FALSE(root.is_standby());
  CHECK(standby.cluster() == root.cluster());
  CHECK(standby.root() == root.public_key());
  CHECK(standby.public_key() != root.public_key());
  CHECK(standby.ledger().value().entries() == root.ledger().value().entries());
  for (const char* name : {"authority", "key", "ledger"}) CHECK(mode_of(standby.path() / name) == 0600);
  const auto opened = AuthorityDirectory::open(standby.path());
  REQUIRE_MESSAGE(opened.has_value(), message_of(opened));
  CHECK(opened.value().authorities().endorsements() == standby.authorities().endorsements());
  CHECK(opened.value().key(std::nullopt).value().public_key() == standby.public_key());
}

TEST_CASE("what a standby admits, renews and revokes verifies under the root's cluster, also of a chain") {
  Fixture f;
  const auto root = f.make("root");
  const auto n1 = f.admit(root, "n1");
  const auto first = f.endorse(root, "first");
  const auto second = f.endorse(first, "second");
  fs::remove_all(root.path());
  for (const auto& standby : {first, second}) {
    const auto bundle = f.admit(standby, "n-" + standby.path().filename().string());
    REQUIRE_MESSAGE(bundle.has_value(), message_of(bundle));
    const auto decoded = decode_bundle(encode_bundle(bundle.value()));
    REQUIRE(decoded.has_value());
    CHECK(decoded.value().cluster() == root.cluster());
    const auto order = standby.revoke(n1.value().credential.credential.id, "stolen", standby.key(std::nullopt).value(), f.now);
    REQUIRE_MESSAGE(order.has_value(), message_of(order));
    const auto read = decode_record(encode_record(order.value()), "F");
    REQUIRE_MESSAGE(read.has_value(), message_of(read));
    CHECK(read.value().cluster() == root.cluster());
    CHECK(read.value().endorsements == standby.authorities().endorsements());
  }
}

TEST_CASE("a standby's order: no byte can change, be cut or be added unnoticed") {
  Fixture f;
  const auto standby = f.endorse(f.make("root"), "standby");
  const ForceLeave leave{{}, Generation{7}, f.now};
  check_is_exact(encode_record(standby.sign(standby.key(std::nullopt).value(), leave)));
}

TEST_CASE("a standby's description: damage shows, and so does a chain that is none") {
  Fixture f;
  const auto standby = f.endorse(f.endorse(f.make("root"), "first"), "second");
  const std::string description = slurp(standby.path() / "authority");
  for (std::size_t i = 0; i < description.size(); ++i) {
    CAPTURE(i);
    std::string flipped = description;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    spill(standby.path() / "authority", flipped);
    CHECK(contains(message_of(AuthorityDirectory::open(standby.path())), "damaged"));
  }
}

TEST_CASE("a standby's backup brings all of it back") {
  Fixture f;
  const auto standby = f.endorse(f.make("root"), "standby");
  REQUIRE(f.admit(standby, "n1").has_value());
  const auto backup = standby.backup();
  REQUIRE(backup.has_value());
  const auto restored = AuthorityDirectory::restore(f.folder / "again", backup.value().view(), "b");
  REQUIRE_MESSAGE(restored.has_value(), message_of(restored));
  CHECK(restored.value().is_standby());
  for (const char* name : {"authority", "key", "ledger"}) {
    CHECK(slurp(restored.value().path() / name) == slurp(standby.path() / name));
  }
}

TEST_CASE("a standby founds no cluster, is made over nothing, and a chain has an end") {
  Fixture f;
  const auto root = f.make("root");
  AuthorityDirectory last = f.endorse(root, "s1");
  const auto misused = AuthorityDirectory::create_from(f.folder / "x", "other", last, std::nullopt, f.rng);
  check_message(message_of(misused), {"is a standby", "founds no cluster"});
  CHECK(misused.error().usage);
  const auto over = root.endorse(last.path(), root.key(std::nullopt).value(), std::nullopt, f.now, f.rng);
  check_message(message_of(over), {"already holds"});
  for (const char* name : {"s2", "s3", "s4"}) last = f.endorse(last, name);
  const auto fifth = last.endorse(f.folder / "s5", last.key(std::nullopt).value(), std::nullopt, f.now, f.rng);
  check_message(message_of(fifth), {"chain of 4", "earlier one"});
  CHECK_FALSE(fs::exists(f.folder / "s5"));
}

TEST_CASE("a sealed standby opens with its own passphrase only") {
  Fixture f;
  const auto root = f.make("root");
  const auto made = root.endorse(f.folder / "s", root.key(std::nullopt).value(), phrase("right"), f.now, f.rng);
  REQUIRE(made.has_value());
  CHECK(made.value().is_sealed().value());
  CHECK(made.value().key(phrase("right")).has_value());
  check_message(message_of(made.value().key(phrase("wrong"))), {"does not open"});
}

TEST_CASE("refresh: the ledger follows, the key stays, and nothing that the standby did is lost") {
  Fixture f;
  const auto root = f.make("root");
  const auto standby = f.endorse(root, "s");
  const std::string key = slurp(standby.path() / "key");
  const auto n1 = f.admit(root, "n1");
  REQUIRE(root.revoke(n1.value().credential.credential.id, "x", root.key(std::nullopt).value(), f.now).has_value());
  const auto refreshed = standby.refresh(root);
  CHECK_MESSAGE(refreshed.has_value(), message_of(refreshed));
  CHECK(slurp(standby.path() / "ledger") == slurp(root.path() / "ledger"));
  CHECK(slurp(standby.path() / "key") == key);

  REQUIRE(f.admit(standby, "n2").has_value());
  check_message(message_of(standby.refresh(root)), {"'n2'", "used since"});
  check_message(message_of(root.refresh(standby)), {"no standby of"});
  check_message(message_of(standby.refresh(f.make("foreign"))), {"no standby of"});
  CHECK(standby.ledger().value().find_name("n2") != nullptr);
}
