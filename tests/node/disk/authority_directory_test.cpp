#include "node/cli/authority_directory.h"

#include "authority_fixture.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

using Fixture = AuthorityFixture;

std::string flipped(std::string text, std::size_t at) {
  text[at] = static_cast<char>(text[at] ^ 1);
  return text;
}

}  // namespace

TEST_CASE("create: private files, the same key afterwards, never over another") {
  Fixture f;
  const AuthorityDirectory made = f.make("a");
  CHECK(mode_of(f.folder / "a") == 0700);
  for (const char* name : {"authority", "key", "ledger"}) CHECK(mode_of(made.path() / name) == 0600);
  const auto opened = AuthorityDirectory::open(made.path());
  REQUIRE(opened.has_value());
  CHECK(opened.value().label() == "prod/dc1");
  CHECK(opened.value().cluster() == made.cluster());
  CHECK(opened.value().key(std::nullopt).value().public_key() == made.public_key());
  CHECK(!opened.value().is_sealed().value());
  CHECK(opened.value().ledger().value().entries().empty());
  const std::string key = slurp(made.path() / "key");
  for (const char* left : {"authority", "key", "ledger"}) {
    for (const char* name : {"authority", "key", "ledger"}) {
      if (std::string(name) != left) fs::rename(made.path() / name, f.folder / name);
    }
    check_message(message_of(AuthorityDirectory::create(made.path(), "x", std::nullopt, f.rng)),
                  {"already holds", left});
    for (const char* name : {"authority", "key", "ledger"}) {
      if (std::string(name) != left) fs::rename(f.folder / name, made.path() / name);
    }
  }
  CHECK(slurp(made.path() / "key") == key);
}

TEST_CASE("create: labels that are none, a folder that is open") {
  Fixture f;
  for (const char* label : {"", "A", "a b", "a\n"}) {
    CHECK(AuthorityDirectory::create(f.folder / "x", label, std::nullopt, f.rng).error().usage);
  }
  CHECK(!fs::exists(f.folder / "x"));
  fs::create_directory(f.folder / "open");
  REQUIRE(::chmod((f.folder / "open").c_str(), 0755) == 0);
  check_message(message_of(AuthorityDirectory::create(f.folder / "open", "x", std::nullopt, f.rng)),
                {"chmod 700"});
}

TEST_CASE("create: a full disk leaves nothing, and it works once there is room") {
  Fixture f;
  std::string message;
  {
    const FileSizeLimit limit(100);  // the key fits, the ledger does not
    message = message_of(AuthorityDirectory::create(f.folder / "a", "x", std::nullopt, f.rng));
  }
  check_message(message, {"cannot write"});
  CHECK(files_in(f.folder / "a") == 0);
  CHECK(AuthorityDirectory::create(f.folder / "a", "x", std::nullopt, f.rng).has_value());
}

TEST_CASE("a sealed key opens with its passphrase only") {
  Fixture f;
  const AuthorityDirectory sealed = f.make("a", phrase("right"));
  CHECK(sealed.is_sealed().value());
  CHECK(sealed.key(phrase("right")).value().public_key() == sealed.public_key());
  check_message(message_of(sealed.key(std::nullopt)), {"--passphrase-file"});
  check_message(message_of(sealed.key(phrase("wrong"))), {"does not open"});
  const std::string box = slurp(sealed.path() / "key");
  spill(sealed.path() / "key", flipped(box, box.size() - 1));
  check_message(message_of(sealed.key(phrase("right"))), {"does not open", "damaged"});
  spill(sealed.path() / "key", box.substr(0, 20));
  check_message(message_of(sealed.key(phrase("right"))), {"damaged", "restore"});
}

TEST_CASE("damaged, loose and foreign files of an authority") {
  Fixture f;
  const AuthorityDirectory a = f.make("a");
  const std::string key = slurp(a.path() / "key");
  for (std::size_t i = 0; i < key.size(); ++i) {
    spill(a.path() / "key", flipped(key, i));
    check_message(message_of(a.key(std::nullopt)), {"key", "damaged", "quorumor authority restore"});
  }
  spill(a.path() / "key", slurp(f.make("b").path() / "key"));
  check_message(message_of(a.key(std::nullopt)), {"is not the key"});
  spill(a.path() / "key", key);

  const std::string description = slurp(a.path() / "authority");
  for (std::size_t i = 0; i < description.size(); ++i) {
    spill(a.path() / "authority", flipped(description, i));
    CHECK(contains(message_of(AuthorityDirectory::open(a.path())), "damaged"));
  }
  spill(a.path() / "authority", description);
  for (const char* name : {"authority", "key", "ledger"}) {
    REQUIRE(::chmod((a.path() / name).c_str(), 0640) == 0);
    const auto opened = AuthorityDirectory::open(a.path());
    const std::string message =
        opened ? message_of(a.key(std::nullopt)) + message_of(a.ledger()) : message_of(opened);
    check_message(message, {"chmod 600 " + (a.path() / name).string()});
    REQUIRE(::chmod((a.path() / name).c_str(), 0600) == 0);
  }
  fs::remove(a.path() / "ledger");
  check_message(message_of(f.admit(a, "n1")), {"ledger is missing", "restore"});
  check_message(message_of(AuthorityDirectory::open(f.folder / "absent")), {"quorumor authority init"});
}

TEST_CASE("admit: the bundle verifies, the ledger remembers, a full disk admits nobody") {
  Fixture f;
  const AuthorityDirectory a = f.make("a");
  const auto bundle = f.admit(a, "n1");
  REQUIRE(bundle.has_value());
  const auto decoded = decode_bundle(encode_bundle(bundle.value()));
  REQUIRE(decoded.has_value());
  CHECK(decoded.value().cluster() == a.cluster());
  CHECK(a.ledger().value().entries() == std::vector<LedgerEntry>{decoded.value().credential.credential});

  const std::string before = slurp(a.path() / "ledger");
  std::string message;
  {
    const FileSizeLimit limit(before.size());
    message = message_of(f.admit(a, "n2"));
  }
  check_message(message, {"cannot write " + (a.path() / "ledger").string()});
  CHECK(slurp(a.path() / "ledger") == before);
}

TEST_CASE("admit: one at a time, and not with a damaged ledger") {
  Fixture f;
  const AuthorityDirectory a = f.make("a");
  REQUIRE(f.admit(a, "n1").has_value());
  {
    const auto lock = FileLock::acquire(a.path() / "lock", "busy");
    REQUIRE(lock.has_value());
    check_message(message_of(f.admit(a, "n2")), {"in use", "try again"});
  }
  const std::string ledger = slurp(a.path() / "ledger");
  spill(a.path() / "ledger", flipped(ledger, ledger.size() - 40));
  check_message(message_of(f.admit(a, "n2")), {(a.path() / "ledger").string() + " line 2"});
}

TEST_CASE("the same key under another label") {
  Fixture f;
  const AuthorityDirectory plain = f.make("plain");
  REQUIRE(f.admit(plain, "n1").has_value());
  const auto other = AuthorityDirectory::create_from(f.folder / "p2", "prod/dc2", plain, std::nullopt, f.rng);
  REQUIRE(other.has_value());
  CHECK(other.value().public_key() == plain.public_key());
  CHECK(other.value().cluster() != plain.cluster());
  CHECK(other.value().ledger().value().entries().empty());
  const auto now_sealed = AuthorityDirectory::create_from(f.folder / "p3", "l3", plain, phrase("x"), f.rng);
  REQUIRE(now_sealed.has_value());
  CHECK(now_sealed.value().is_sealed().value());
  CHECK(now_sealed.value().key(phrase("x")).value().public_key() == plain.public_key());

  const AuthorityDirectory sealed = f.make("sealed", phrase("right"));
  const auto copied = AuthorityDirectory::create_from(f.folder / "s2", "l2", sealed, std::nullopt, f.rng);
  REQUIRE(copied.has_value());
  CHECK(copied.value().key(phrase("right")).value().public_key() == sealed.public_key());
  const auto wrong = AuthorityDirectory::create_from(f.folder / "s3", "l2", sealed, phrase("wrong"), f.rng);
  check_message(message_of(wrong), {"does not open"});
  CHECK(!fs::exists(f.folder / "s3"));
  CHECK(AuthorityDirectory::create_from(f.folder / "s4", "prod/dc1", sealed, std::nullopt, f.rng)
            .error()
            .usage);
}

TEST_CASE("backup and restore: everything comes back, damage does not") {
  Fixture f;
  for (const bool is_sealed : {false, true}) {
    CAPTURE(is_sealed);
    const AuthorityDirectory a =
        f.make(is_sealed ? "sealed" : "plain", is_sealed ? phrase("p") : Passphrase{});
    if (!is_sealed) REQUIRE(f.admit(a, "n1").has_value());
    const auto backup = a.backup();
    REQUIRE(backup.has_value());
    const fs::path place = f.folder / (is_sealed ? "r1" : "r2");
    const auto restored = AuthorityDirectory::restore(place, backup.value().view(), "b");
    REQUIRE_MESSAGE(restored.has_value(), message_of(restored));
    for (const char* name : {"authority", "key", "ledger"})
      CHECK(slurp(place / name) == slurp(a.path() / name));
    check_message(message_of(AuthorityDirectory::restore(place, backup.value().view(), "b")),
                  {"already holds"});

    const std::string text(as_text(backup.value().view()));
    for (std::size_t i = 0; i + 1 < text.size();
         i += 3) {  // the last byte is the line's end, which means nothing
      CAPTURE(i);
      CHECK(!AuthorityDirectory::restore(f.folder / "bad", as_bytes(flipped(text, i)), "b").has_value());
      CHECK(!AuthorityDirectory::restore(f.folder / "bad", as_bytes(text.substr(0, i)), "b").has_value());
    }
    CHECK(!fs::exists(f.folder / "bad"));
  }
}

TEST_CASE("a damaged authority makes no backup") {
  Fixture f;
  const AuthorityDirectory a = f.make("a");
  const std::string key = slurp(a.path() / "key");
  spill(a.path() / "key", flipped(key, 10));
  check_message(message_of(a.backup()), {"damaged"});
  spill(a.path() / "key", key);
  spill(a.path() / "ledger", "x");
  check_message(message_of(a.backup()), {"ledger line 1"});
}
