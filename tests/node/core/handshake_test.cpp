// Hellos and rings between two states, without streams: every way of not being who one says.
#include "node/core/handshake.h"
#include "node/core/ring_exchange.h"

#include <doctest/doctest.h>

using namespace quorumor;

namespace {

constexpr std::int64_t kNow = 1'700'000'000;

struct Authority {
  Drbg rng{ByteArray<32>{}, "handshake test"};
  SigningKey key = SigningKey::generate(rng);
  ClusterId cluster = make_cluster_id(key.public_key(), "test");

  SignedCredential credential(const SigningKey& identity, std::vector<std::string> roles = {}, std::uint64_t serial = 1) {
    Credential c;
    rng.fill(c.id);
    c.identity = identity.public_key();
    c.serial = Serial{serial};
    c.not_before = wall_from_seconds(kNow - 100);
    c.not_after = wall_from_seconds(kNow + 100);
    c.name = "node";
    c.roles = std::move(roles);
    return issue_credential(key, cluster, c);
  }

  std::unique_ptr<CoreState> state(const SigningKey& identity, const SignedCredential& credential) {
    CoreOptions options;
    options.cluster = cluster;
    options.authority = key.public_key();
    options.identity = SigningKey::from_seed(identity.seed().bytes());
    options.credential = credential;
    options.generation = Generation{1 << 16};
    options.advertise = {Endpoint::v4(10, 0, 0, 1, 7947)};
    return std::make_unique<CoreState>(std::move(options), Config::lan(), Instant{1000s}, wall_from_seconds(kNow));
  }
};

struct Pair : Authority {
  SigningKey client_key = SigningKey::generate(rng), server_key = SigningKey::generate(rng);
  SignedCredential client_credential = credential(client_key), server_credential = credential(server_key, {"keymaster"});
  std::unique_ptr<CoreState> client = state(client_key, client_credential);
  std::unique_ptr<CoreState> server = state(server_key, server_credential);
  ByteArray<32> exporter{std::byte{7}};

  Refusal refused(const Hello& hello) {
    const auto result = check_hello(*server, hello, false, exporter);
    REQUIRE_FALSE(result.has_value());
    return result.error();
  }
  SignedAnnouncement announce(const SigningKey& by, const NodeId& signer, std::uint64_t epoch, const EpochKey& epoch_key,
                              const Digest& predecessor = {}) {
    Announcement a;
    a.signer = signer;
    a.signer_serial = Serial{1};
    a.epoch = Epoch{epoch};
    a.predecessor = predecessor;
    a.commitment = epoch_key.commitment(cluster);
    a.signed_at = wall_from_seconds(kNow + static_cast<std::int64_t>(epoch) * 3600);
    return sign_announcement(by, cluster, a);
  }
};

struct RingEntry {
  ByteVector announcement, signer;
  EpochKey key;

  RingEntryView view(const ClusterId& cluster) const {
    return {announcement, signer, first_seed(cluster), key.key ? Bytes(key.key.bytes()) : Bytes{}};
  }
};

}  // namespace

TEST_CASE("an honest hello is accepted in either direction") {
  Pair p;
  const auto client = check_hello(*p.server, make_hello(*p.client, false, p.exporter).hello, false, p.exporter);
  REQUIRE(client.has_value());
  CHECK(client.value().credential == p.client_credential.credential);
  CHECK(check_hello(*p.client, make_hello(*p.server, true, p.exporter).hello, true, p.exporter).has_value());
}

TEST_CASE("a hello from another TLS session, which is what a machine in the middle has, proves nothing") {
  Pair p;
  ByteArray<32> other = p.exporter;
  other[31] ^= std::byte{1};
  CHECK(p.refused(make_hello(*p.client, false, other).hello) == Refusal::bad_proof);
}

TEST_CASE("a server's proof sent back to it as a client's is refused") {
  Pair p;
  CHECK(p.refused(make_hello(*p.client, true, p.exporter).hello) == Refusal::bad_proof);
}

TEST_CASE("somebody else's credential without its key is refused") {
  Pair p;
  const SigningKey thief = SigningKey::generate(p.rng);
  const auto impostor = p.state(thief, p.client_credential);
  CHECK(p.refused(make_hello(*impostor, false, p.exporter).hello) == Refusal::bad_proof);
}

TEST_CASE("another cluster, a forged credential, no version in common") {
  Pair p;
  StreamMessage m = make_hello(*p.client, false, p.exporter);
  m.hello.cluster[0] ^= std::byte{1};
  CHECK(p.refused(m.hello) == Refusal::not_our_cluster);

  m = make_hello(*p.client, false, p.exporter);
  ByteVector forged = to_vector(m.hello.credential);
  forged[60] ^= std::byte{1};
  m.hello.credential = forged;
  CHECK((p.refused(m.hello) == Refusal::not_our_cluster || p.refused(m.hello) == Refusal::malformed));
  m.hello.credential = Bytes(forged).first(64);
  CHECK(p.refused(m.hello) == Refusal::malformed);

  m = make_hello(*p.client, false, p.exporter);
  m.hello.version_min = limits::kVersion + 1;
  m.hello.version_max = limits::kVersion + 1;
  CHECK(p.refused(m.hello) == Refusal::unknown_version);
}

TEST_CASE("a credential that its owner has replaced is refused") {
  Pair p;
  Credential renewed = p.client_credential.credential;
  renewed.serial = Serial{2};
  SignedCredential again = issue_credential(p.key, p.cluster, renewed);
  const ByteVector record = join_record(again.content, again.signature);
  REQUIRE(p.server->table.insert(std::move(again), record) != nullptr);
  CHECK(p.refused(make_hello(*p.client, false, p.exporter).hello) == Refusal::revoked);
}

TEST_CASE("a ring is taken from whoever has it, if a keymaster signed it") {
  Pair p;
  RingEntry entry{{}, join_record(p.server_credential.content, p.server_credential.signature), EpochKey::generate(p.rng)};
  const auto signed_by_keymaster = p.announce(p.server_key, p.server_credential.credential.id, 1, entry.key);
  entry.announcement = join_record(signed_by_keymaster.content, signed_by_keymaster.signature);
  RingView ring;
  ring.entries.push_back(entry.view(p.cluster));
  REQUIRE(take_ring(*p.client, ring));
  REQUIRE(p.client->ring.newest_with_key() != nullptr);
  CHECK(p.client->ring.newest_with_key()->epoch() == Epoch{1});
  CHECK(take_ring(*p.client, ring));  // again: nothing new, nothing wrong
}

TEST_CASE("a ring that no keymaster signed, or whose key does not match, is refused") {
  Pair p;
  RingEntry entry{{}, join_record(p.client_credential.content, p.client_credential.signature), EpochKey::generate(p.rng)};
  auto announcement = p.announce(p.client_key, p.client_credential.credential.id, 1, entry.key);
  entry.announcement = join_record(announcement.content, announcement.signature);
  RingView ring;
  ring.entries.push_back(entry.view(p.cluster));
  CHECK_FALSE(take_ring(*p.client, ring));  // a member without the role

  announcement = p.announce(p.server_key, p.client_credential.credential.id, 1, entry.key);
  entry.announcement = join_record(announcement.content, announcement.signature);
  entry.signer = join_record(p.server_credential.content, p.server_credential.signature);
  ring.entries.front() = entry.view(p.cluster);
  CHECK_FALSE(take_ring(*p.client, ring));  // signed in somebody else's name

  announcement = p.announce(p.server_key, p.server_credential.credential.id, 1, EpochKey::generate(p.rng));
  entry.announcement = join_record(announcement.content, announcement.signature);
  ring.entries.front() = entry.view(p.cluster);
  CHECK_FALSE(take_ring(*p.client, ring));  // another key than the announced one
  CHECK(p.client->ring.newest_with_key() == nullptr);
}

TEST_CASE("a ring that was left behind beyond the window starts over from the peer's; an older one changes nothing") {
  Pair p;
  const auto offer = [&](std::uint64_t epoch) {
    RingEntry entry{{}, join_record(p.server_credential.content, p.server_credential.signature), EpochKey::generate(p.rng)};
    const auto a = p.announce(p.server_key, p.server_credential.credential.id, epoch, entry.key);
    entry.announcement = join_record(a.content, a.signature);
    RingView ring;
    ring.entries.push_back(entry.view(p.cluster));
    return take_ring(*p.client, ring);
  };
  REQUIRE(offer(1));
  REQUIRE(offer(9));
  CHECK(p.client->ring.newest_with_key()->epoch() == Epoch{9});
  CHECK(p.client->ring.find(Epoch{1}) == nullptr);
  offer(3);
  CHECK(p.client->ring.newest_with_key()->epoch() == Epoch{9});
}
