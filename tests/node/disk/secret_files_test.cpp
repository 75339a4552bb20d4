// Keys at rest: plain or sealed, and every way in which that can go wrong.
#include "node/driver/state_directory.h"

#include "helpers.h"
#include "node/driver/sealed_file.h"

#include <unistd.h>

using namespace quorumor;
using namespace quorumor::test;

namespace {

WipedBytes phrase(const std::string& text) { return WipedBytes(to_vector(as_bytes(text))); }

// A directory with an identity and a ring.
struct Node {
  TemporaryFolder folder;
  Drbg rng;
  SigningKey authority = SigningKey::generate(rng);
  ClusterId cluster = make_cluster_id(authority.public_key(), "t");
  fs::path path = folder / "n";
  ByteVector ring = make_ring();

  explicit Node(unsigned char seed = 1) : rng(make_rng(seed)) {
    const auto made = StateDirectory::create(path, rng);
    REQUIRE_MESSAGE(made.has_value(), message_of(made));
    REQUIRE(made.value().store_ring(ring).has_value());
  }
  ByteVector make_ring() {
    EpochKey epoch = EpochKey::generate(rng);
    Announcement first;
    first.epoch = Epoch{1};
    first.commitment = epoch.commitment(cluster);
    Keyring out(cluster);
    out.bootstrap(sign_announcement(authority, cluster, first), std::move(epoch));
    return out.serialize();
  }
  StateDirectory open() const { return StateDirectory::open(path).value(); }
  StateDirectory unlocked(const std::string& words) const {
    StateDirectory out = open();
    const auto done = out.unlock(phrase(words));
    REQUIRE_MESSAGE(done.has_value(), message_of(done));
    return out;
  }
  void seal(const std::string& words) {
    StateDirectory directory = open();
    const auto done = directory.seal(phrase(words), rng);
    REQUIRE_MESSAGE(done.has_value(), message_of(done));
  }
};

bool holds(const fs::path& file, Bytes secret) { return contains(slurp(file), std::string(as_text(secret))); }

// Every file of the directory, to see that a failure changed none.
std::string content(const Node& n) { return slurp(n.path / "identity") + slurp(n.path / "ring"); }

}  // namespace

TEST_CASE("sealed and unsealed again: the same identity and ring, and no secret in the sealed files") {
  Node n;
  const auto before = n.open().identity().value().seed();
  const std::string plain = content(n);
  CHECK(holds(n.path / "identity", before.bytes()));
  n.seal("words");
  CHECK(!holds(n.path / "identity", before.bytes()));
  CHECK(!contains(slurp(n.path / "ring"), std::string(as_text(n.ring)).substr(n.ring.size() - 100, 60)));
  CHECK(mode_of(n.path / "identity") == 0600);
  CHECK(mode_of(n.path / "ring") == 0600);

  StateDirectory directory = n.unlocked("words");
  CHECK(equal(directory.identity().value().seed().bytes(), before.bytes()));
  CHECK(directory.ring(n.cluster).value()->serialize() == n.ring);
  REQUIRE(directory.store_ring(n.make_ring()).has_value());  // a later write stays sealed
  CHECK(is_sealed_file(kSealedRing, as_bytes(slurp(n.path / "ring"))));
  REQUIRE(directory.store_ring(n.ring).has_value());
  REQUIRE(directory.unseal(phrase("words")).has_value());
  CHECK(content(n) == plain);
}

TEST_CASE("an identity that is sealed from the beginning") {
  TemporaryFolder folder;
  Drbg rng = make_rng();
  const SigningKey key = SigningKey::generate(rng);
  REQUIRE(StateDirectory::create(folder / "n", key, phrase("words"), rng).has_value());
  auto directory = StateDirectory::open(folder / "n").value();
  CHECK(directory.is_sealed().value());
  CHECK(directory.public_key().value() == key.public_key());
  CHECK(!holds(folder / "n" / "identity", key.seed().bytes()));
  REQUIRE(directory.unlock(phrase("words")).has_value());
  CHECK(directory.identity().value().public_key() == key.public_key());
}

TEST_CASE("without the passphrase, or with a wrong one: one line, nothing changed") {
  Node n;
  n.seal("words");
  const std::string before = content(n);
  StateDirectory directory = n.open();
  check_message(message_of(directory.unlock(std::nullopt)), {"identity is sealed", "--passphrase-file"});
  check_message(message_of(directory.identity()), {"identity is sealed", "--passphrase-credential"});
  check_message(message_of(directory.ring(n.cluster)), {"ring is sealed"});
  for (const char* wrong : {"word", "words ", ""}) {
    check_message(message_of(directory.unlock(phrase(wrong))), {"does not open", "identity", "right one"});
    check_message(message_of(directory.unseal(phrase(wrong))), {"does not open"});
    CHECK(!directory.identity().has_value());  // a failed unlock leaves it locked
  }
  check_message(message_of(directory.seal(phrase("words"), n.rng)), {"sealed already"});
  CHECK(content(n) == before);
  CHECK(n.unlocked("words").ring(n.cluster).value()->serialize() == n.ring);
}

TEST_CASE("a passphrase for what is not sealed is no silent plain file") {
  Node n;
  StateDirectory directory = n.open();
  check_message(message_of(directory.unlock(phrase("words"))), {"not sealed", "quorumor node seal"});
  check_message(message_of(directory.unseal(phrase("words"))), {"not sealed"});
}

TEST_CASE("truncated or flipped anywhere: damage, told apart from a wrong passphrase") {
  Node n;
  n.seal("words");
  const StateDirectory directory = n.unlocked("words");
  for (const char* name : {"identity", "ring"}) {
    const std::string whole = slurp(n.path / name);
    const auto complaint = [&] {
      return std::string(name) == "ring" ? message_of(directory.ring(n.cluster)) : message_of(directory.identity());
    };
    for (std::size_t i = 0; i < whole.size(); ++i) {
      CAPTURE(i);
      std::string flipped = whole;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
      spill(n.path / name, flipped);
      check_message(complaint(), {name, "is damaged", "backup"});
      spill(n.path / name, whole.substr(0, i));
      check_message(complaint(), {name, "is damaged"});
    }
    spill(n.path / name, whole + "x");
    check_message(complaint(), {name, "is damaged"});
    spill(n.path / name, whole);
    CHECK(complaint().empty());
  }
}

TEST_CASE("a ring of another cluster, or sealed at another time") {
  Node n;
  Node other(2);
  n.seal("words");
  other.seal("words");
  const std::string old = slurp(n.path / "ring");
  StateDirectory directory = n.unlocked("words");
  check_message(message_of(directory.ring(other.cluster)), {"another cluster"});
  REQUIRE(directory.unseal(phrase("words")).has_value());
  n.seal("words");
  const std::string own = slurp(n.path / "ring");
  directory = n.unlocked("words");
  for (const std::string& foreign : {slurp(other.path / "ring"), std::string(as_text(other.ring))}) {
    spill(n.path / "ring", foreign);
    check_message(message_of(directory.ring(n.cluster)), {"another cluster", "right files back"});
  }
  spill(n.path / "ring", old);
  check_message(message_of(directory.ring(n.cluster)), {"another time", "--join"});
  spill(n.path / "ring", own);
  CHECK(directory.ring(n.cluster).value().has_value());
}

TEST_CASE("sealing or unsealing that was interrupted between the files goes on with the same command") {
  Node n;
  const std::string plain_identity = slurp(n.path / "identity");
  const std::string plain_ring = slurp(n.path / "ring");
  n.seal("words");
  const std::string sealed_identity = slurp(n.path / "identity");
  spill(n.path / "identity", plain_identity);
  check_message(message_of(n.open().ring(n.cluster)), {"interrupted", "run it again"});
  StateDirectory directory = n.open();
  check_message(message_of(directory.seal(phrase("other"), n.rng)), {"does not open", "ring"});
  n.seal("words");
  CHECK(n.unlocked("words").ring(n.cluster).value()->serialize() == n.ring);

  spill(n.path / "ring", plain_ring);  // unsealing had done this much
  StateDirectory again = n.unlocked("words");
  CHECK(again.ring(n.cluster).value()->serialize() == n.ring);
  REQUIRE(again.unseal(phrase("words")).has_value());
  CHECK(n.open().ring(n.cluster).value()->serialize() == n.ring);
}

TEST_CASE("a full disk while sealing loses nothing") {
  Node n;
  const std::string before = content(n);
  {
    const FileSizeLimit limit(100);
    StateDirectory directory = n.open();
    CHECK(!directory.seal(phrase("words"), n.rng).has_value());
  }
  CHECK(content(n) == before);
  n.seal("words");
}

TEST_CASE("what a ring replaces is overwritten, unless a hard link keeps it") {
  Node n;
  const std::string old = slurp(n.path / "ring");
  std::FILE* held = std::fopen((n.path / "ring").c_str(), "rb");  // the old file, whatever the name leads to
  REQUIRE(held != nullptr);
  REQUIRE(n.open().store_ring(n.make_ring()).has_value());
  std::string left(old.size(), 'x');
  CHECK(std::fread(left.data(), 1, left.size(), held) == old.size());
  std::fclose(held);
  CHECK(left == std::string(old.size(), '\0'));

  const std::string kept = slurp(n.path / "ring");
  REQUIRE(::link((n.path / "ring").c_str(), (n.folder / "backup").c_str()) == 0);
  REQUIRE(n.open().store_ring(n.ring).has_value());
  CHECK(slurp(n.folder / "backup") == kept);
}
