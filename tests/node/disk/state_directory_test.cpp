#include "node/driver/state_directory.h"

#include "helpers.h"

#include <unistd.h>

using namespace quorumor;
using namespace quorumor::test;

namespace {

// A node directory with everything in it, and what is needed to make more.
struct Node {
  TemporaryFolder folder;
  Drbg rng = make_rng();
  SigningKey authority = SigningKey::generate(rng);
  StateDirectory directory = StateDirectory::create(folder / "n", rng).value();
  PublicKey key = directory.identity().value().public_key();
  ClusterId cluster = make_cluster_id(authority.public_key(), "t");

  fs::path file(const char* name) const { return directory.path() / name; }
  Bundle bundle(std::uint64_t serial) { return make_bundle(authority, make_credential(key, serial)); }
  ByteVector ring_bytes() {
    EpochKey epoch = EpochKey::generate(rng);
    Announcement first;
    first.epoch = Epoch{1};
    first.commitment = epoch.commitment(cluster);
    Keyring ring(cluster);
    ring.bootstrap(sign_announcement(authority, cluster, first), std::move(epoch));
    return ring.serialize();
  }
};

// Cut, flipped or grown: every way in which a small file can be wrong. Calls `check` with the file in each
// state.
template <class Check>
void with_damage(const fs::path& file, Check check) {
  const std::string whole = slurp(file);
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 40) {
    CAPTURE(size);
    spill(file, whole.substr(0, size));
    check();
  }
  for (std::size_t i = 0; i < whole.size(); i += 1 + whole.size() / 40) {
    CAPTURE(i);
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
    spill(file, flipped);
    check();
  }
  spill(file, whole + "x");
  check();
  spill(file, whole);
}

}  // namespace

TEST_CASE("create makes a private directory and an identity that stays") {
  Node n;
  CHECK(mode_of(n.directory.path()) == 0700);
  CHECK(mode_of(n.file("identity")) == 0600);
  CHECK(slurp(n.file("identity")).size() == 70);
  const auto again = StateDirectory::open(n.directory.path());
  REQUIRE(again.has_value());
  CHECK(again.value().identity().value().public_key() == n.key);
  CHECK(!again.value().bundle().value().has_value());
  CHECK(!again.value().ring(n.cluster).value().has_value());
}

TEST_CASE("create never replaces an identity, nor guesses where one was lost") {
  Node n;
  const std::string identity = slurp(n.file("identity"));
  check_message(message_of(StateDirectory::create(n.directory.path(), n.rng)), {"already has an identity"});
  CHECK(slurp(n.file("identity")) == identity);
  REQUIRE(n.directory.store_ring(n.ring_bytes()).has_value());
  fs::remove(n.file("identity"));
  check_message(message_of(StateDirectory::create(n.directory.path(), n.rng)), {"a ring", "backup"});
  // A dangling link is something too.
  fs::remove(n.file("ring"));
  fs::create_symlink("/nowhere", n.file("identity"));
  check_message(message_of(StateDirectory::create(n.directory.path(), n.rng)), {"already has an identity"});
}

TEST_CASE("create and open refuse an open directory, and say what a missing one needs") {
  Node n;
  REQUIRE(::chmod(n.directory.path().c_str(), 0755) == 0);
  check_message(message_of(StateDirectory::open(n.directory.path())),
                {"chmod 700 " + n.directory.path().string()});
  fs::remove(n.file("identity"));
  check_message(message_of(StateDirectory::create(n.directory.path(), n.rng)), {"chmod 700"});
  check_message(message_of(StateDirectory::open(n.folder / "absent")), {"quorumor node init --dir"});
}

TEST_CASE("identity: missing, damaged, readable by others, a link") {
  Node n;
  with_damage(n.file("identity"), [&] {
    check_message(message_of(n.directory.identity()),
                  {n.file("identity").string(), "damaged", "backup", "node init"});
  });
  REQUIRE(n.directory.identity().has_value());
  REQUIRE(::chmod(n.file("identity").c_str(), 0644) == 0);
  check_message(message_of(n.directory.identity()), {"chmod 600 " + n.file("identity").string()});
  REQUIRE(::chmod(n.file("identity").c_str(), 0600) == 0);
  fs::rename(n.file("identity"), n.folder / "elsewhere");
  check_message(message_of(n.directory.identity()), {"missing", "quorumor node init"});
  fs::create_symlink(n.folder / "elsewhere", n.file("identity"));
  check_message(message_of(n.directory.identity()), {"symbolic link"});
}

TEST_CASE("install: newer serials only, and the same one again") {
  Node n;
  struct {
    std::uint64_t serial;
    bool ok;
  } const steps[] = {
      {10, true}, {10, true}, {9, false}, {11, true}, {10, false}, {0, false}, {~std::uint64_t{0}, true},
      {11, false}};
  std::uint64_t installed = 0;
  for (const auto& step : steps) {
    CAPTURE(step.serial);
    const auto done = n.directory.install_bundle(n.bundle(step.serial));
    CHECK(done.has_value() == step.ok);
    if (step.ok) installed = step.serial;
    if (!step.ok) check_message(message_of(done), {"no newer", std::to_string(step.serial)});
    CHECK(n.directory.bundle().value()->credential.credential.serial == Serial{installed});
  }
  CHECK(mode_of(n.file("credential")) == 0600);
}

TEST_CASE("install: one serial, two contents") {
  Node n;
  REQUIRE(n.directory.install_bundle(n.bundle(5)).has_value());
  Credential other = make_credential(n.key, 5);
  other.roles = {"keymaster"};
  CHECK(!n.directory.install_bundle(make_bundle(n.authority, other)).has_value());
  // Another id is another member: an authority that lost its ledger starts over.
  other.id.fill(std::byte{8});
  other.serial = Serial{1};
  CHECK(n.directory.install_bundle(make_bundle(n.authority, other)).has_value());
}

TEST_CASE("install: a bundle for another identity") {
  Node n;
  const Bundle stranger =
      make_bundle(n.authority, make_credential(SigningKey::generate(n.rng).public_key(), 99));
  check_message(message_of(n.directory.install_bundle(stranger)), {"another node", "n1"});
  CHECK(!fs::exists(n.file("credential")));
  // Put there by hand, it is refused on reading as well.
  const ByteVector bytes = encode_bundle(stranger);
  REQUIRE(write_file_atomically(n.file("credential"), bytes, Privacy::secret).has_value());
  check_message(message_of(n.directory.bundle()), {"another identity"});
}

TEST_CASE("install: another cluster only while this node has been in none") {
  Node n;
  REQUIRE(n.directory.install_bundle(n.bundle(5)).has_value());
  const Bundle other = make_bundle(n.authority, make_credential(n.key, 1), "other");
  REQUIRE(n.directory.install_bundle(other).has_value());
  REQUIRE(n.directory.install_bundle(n.bundle(5)).has_value());
  for (const char* trace : {"ring", "members"}) {
    spill(n.file(trace), "x");
    check_message(message_of(n.directory.install_bundle(other)),
                  {"cluster 't'", "'other'", "another directory"});
    fs::remove(n.file(trace));
  }
}

TEST_CASE("a damaged credential is an error that installing again mends") {
  Node n;
  REQUIRE(n.directory.install_bundle(n.bundle(5)).has_value());
  with_damage(n.file("credential"), [&] {
    check_message(message_of(n.directory.bundle()), {n.file("credential").string(), "quorumor node install"});
  });
  spill(n.file("credential"), "x");
  REQUIRE(n.directory.install_bundle(n.bundle(5)).has_value());
  CHECK(n.directory.bundle().value().has_value());
  REQUIRE(::chmod(n.file("credential").c_str(), 0666) == 0);
  check_message(message_of(n.directory.bundle()), {"chmod 600"});
}

TEST_CASE("ring: stored, damaged, of another cluster, readable by others") {
  Node n;
  REQUIRE(n.directory.store_ring(n.ring_bytes()).has_value());
  CHECK(mode_of(n.file("ring")) == 0600);
  const auto ring = n.directory.ring(n.cluster);
  REQUIRE(ring.has_value());
  CHECK(ring.value()->newest_with_key()->epoch() == Epoch{1});
  with_damage(n.file("ring"), [&] {
    check_message(message_of(n.directory.ring(n.cluster)), {n.file("ring").string(), "damaged", "backup"});
    CHECK(fs::exists(n.file("ring")));  // never set aside by itself: it may be mended
  });
  check_message(message_of(n.directory.ring(make_cluster_id(n.key, "u"))), {"another cluster"});
  REQUIRE(::chmod(n.file("ring").c_str(), 0640) == 0);
  check_message(message_of(n.directory.ring(n.cluster)), {"chmod 600"});
}

TEST_CASE("snapshot: damage is set aside and noted, and costs only speed") {
  Node n;
  Snapshot before;
  before.members.push_back({to_vector(as_bytes("c")), to_vector(as_bytes("d")), {}});
  REQUIRE(n.directory.store_snapshot(encode_snapshot(n.cluster, before)).has_value());
  std::string note;
  CHECK(n.directory.snapshot(n.cluster, note).value().members.size() == 1);
  CHECK(note.empty());
  with_damage(n.file("members"), [&] {
    note.clear();
    const std::string damaged = slurp(n.file("members"));
    const auto read = n.directory.snapshot(n.cluster, note);
    REQUIRE(read.has_value());
    CHECK(read.value().members.empty());
    check_message(note, {n.file("members").string(), "set aside"});
    CHECK(!fs::exists(n.file("members")));
    CHECK(slurp(n.file("members.damaged")) == damaged);
    spill(n.file("members"), "");
    REQUIRE(::chmod(n.file("members").c_str(), 0600) == 0);
  });
  note.clear();
  CHECK(n.directory.snapshot(make_cluster_id(n.key, "u"), note).value().members.empty());
  check_message(note, {"another cluster"});
  note.clear();
  CHECK(n.directory.snapshot(n.cluster, note).value().members.empty());  // absent
  CHECK(note.empty());
}

TEST_CASE("verdicts: damage is an error that says what to do, for losing them would forgive") {
  Node n;
  CHECK(n.directory.verdicts(n.cluster).value().empty());  // absent: nothing was ever said
  Verdicts held;
  Revocation r;
  r.id.fill(std::byte{7});
  r.serial = Serial{3};
  ByteVector record = encode_revocation(r);
  const Digest digest = revocation_digest(record);
  record.resize(record.size() + limits::kSignature);
  held.add(r, digest, record);
  REQUIRE(n.directory.store_verdicts(encode_verdicts(n.cluster, held)).has_value());
  CHECK(mode_of(n.file("verdicts")) == 0600);
  const auto read = n.directory.verdicts(n.cluster);
  REQUIRE(read.has_value());
  CHECK(read.value() == std::vector<VerdictRecord>{{RumorKind::revocation, record}});
  with_damage(n.file("verdicts"), [&] {
    check_message(message_of(n.directory.verdicts(n.cluster)),
                  {n.file("verdicts").string(), "damaged", "restore it from a backup", "--join"});
    CHECK(fs::exists(n.file("verdicts")));  // never set aside by itself
  });
  check_message(message_of(n.directory.verdicts(make_cluster_id(n.key, "u"))), {"belongs to another cluster"});
  REQUIRE(::chmod(n.file("verdicts").c_str(), 0644) == 0);
  CHECK_FALSE(n.directory.verdicts(n.cluster).has_value());
}

TEST_CASE("snapshot: a huge file is damage too, a loose mode is refused") {
  Node n;
  spill(n.file("members"), "x");
  REQUIRE(::truncate(n.file("members").c_str(), static_cast<off_t>(kSnapshotBytesMax + 1)) == 0);
  std::string note;
  REQUIRE(n.directory.snapshot(n.cluster, note).has_value());
  CHECK(!note.empty());
  REQUIRE(n.directory.store_snapshot(encode_snapshot(n.cluster, {})).has_value());
  REQUIRE(::chmod(n.file("members").c_str(), 0604) == 0);
  check_message(message_of(n.directory.snapshot(n.cluster, note)), {"chmod 600"});
}

TEST_CASE("generation: rises with the clock, and when the clock goes back") {
  Node n;
  struct {
    std::int64_t wall;
    std::uint64_t time;
  } const boots[] = {
      {1'000'000, 1'000'000}, {1'000'000, 1'000'001}, {2'000'000, 2'000'000}, {5, 2'000'001},
      {-7, 2'000'002},        {2'000'002, 2'000'003}, {9'000'000, 9'000'000},
  };
  Generation last;
  for (const auto& b : boots) {
    CAPTURE(b.wall);
    const auto next = n.directory.next_generation(wall_from_millis(b.wall), n.rng);
    REQUIRE(next.has_value());
    CHECK((next.value().value >> 16) == b.time);
    CHECK(next.value() > last);
    last = next.value();
  }
  CHECK(mode_of(n.file("generation")) == 0600);
}

TEST_CASE("generation: the low bits are random, so that two copies of a disk differ") {
  Node a;
  Node b;
  Drbg other = make_rng(2);
  const auto x = a.directory.next_generation(wall_from_millis(77), a.rng).value();
  const auto y = b.directory.next_generation(wall_from_millis(77), other).value();
  CHECK((x.value >> 16) == (y.value >> 16));
  CHECK(x != y);
}

TEST_CASE("generation: an adopted one counts, a lower one is refused") {
  Node n;
  const Generation adopted{(std::uint64_t{3'000'000} << 16 | 0xffff) + 1};
  REQUIRE(n.directory.store_generation(adopted).has_value());
  REQUIRE(n.directory.store_generation(adopted).has_value());
  check_message(message_of(n.directory.store_generation(Generation{adopted.value - 1})),
                {"higher generation"});
  CHECK(n.directory.next_generation(wall_from_millis(1), n.rng).value() > adopted);
}

TEST_CASE("generation: the end of its range is an error, not a wrap") {
  constexpr std::int64_t kLast = (std::int64_t{1} << 48) - 1;
  Node n;
  CHECK(!n.directory.next_generation(wall_from_millis(kLast + 1), n.rng).has_value());
  CHECK(!fs::exists(n.file("generation")));
  CHECK(n.directory.next_generation(wall_from_millis(kLast), n.rng).has_value());
  check_message(message_of(n.directory.next_generation(wall_from_millis(5), n.rng)), {"end", "clock"});
}

TEST_CASE("generation: damage is an error, never a lower generation") {
  Node n;
  REQUIRE(n.directory.next_generation(wall_from_millis(5'000'000), n.rng).has_value());
  with_damage(n.file("generation"), [&] {
    const std::string before = slurp(n.file("generation"));
    check_message(message_of(n.directory.next_generation(wall_from_millis(1), n.rng)),
                  {n.file("generation").string(), "damaged"});
    CHECK(!n.directory.store_generation(Generation{~std::uint64_t{0}}).has_value());
    CHECK(slurp(n.file("generation")) == before);
  });
  REQUIRE(::chmod(n.file("generation").c_str(), 0606) == 0);
  check_message(message_of(n.directory.next_generation(wall_from_millis(1), n.rng)), {"chmod 600"});
}

TEST_CASE("generation: a full disk is a failure, with the old file intact") {
  Node n;
  const auto first = n.directory.next_generation(wall_from_millis(5'000'000), n.rng);
  const std::string before = slurp(n.file("generation"));
  std::string message;
  {
    const FileSizeLimit limit(20);
    message = message_of(n.directory.next_generation(wall_from_millis(6'000'000), n.rng));
  }
  check_message(message, {"cannot write " + n.file("generation").string()});
  CHECK(slurp(n.file("generation")) == before);
  CHECK(files_in(n.directory.path()) == 3);  // identity, generation, lock
  CHECK(n.directory.next_generation(wall_from_millis(1), n.rng).value() > first.value());
}

TEST_CASE("one agent a directory") {
  Node n;
  {
    const auto first = n.directory.lock();
    REQUIRE(first.has_value());
    check_message(message_of(n.directory.lock()), {n.directory.path().string(), "already running"});
    // An identity is not made under a running agent's feet either.
    fs::rename(n.file("identity"), n.folder / "away");
    CHECK(!StateDirectory::create(n.directory.path(), n.rng).has_value());
  }
  spill(n.file(".ring.tmp-00"), "half");
  CHECK(n.directory.lock().has_value());
  CHECK(!fs::exists(n.file(".ring.tmp-00")));
}
