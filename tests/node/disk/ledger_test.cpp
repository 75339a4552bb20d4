#include "node/cli/ledger.h"

#include "helpers.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

ClusterId cluster() {
  ClusterId out{};
  out[0] = std::byte{1};
  return out;
}

LedgerEntry make_entry(unsigned char n) {
  LedgerEntry out = make_credential({}, std::uint64_t{1} << 60 | n);
  out.id.fill(std::byte{n});
  out.identity.fill(std::byte{n});
  out.name = "node-" + std::to_string(n);
  if (n % 2 == 0) out.zone = "zone.b";
  if (n % 3 == 0) out.roles = {"keymaster", "r2"};
  return out;
}

Ledger make_ledger(unsigned char entries) {
  Ledger out(cluster());
  for (unsigned char n = 1; n <= entries; ++n) out.put(make_entry(n));
  return out;
}

std::string parse_error(const std::string& text, const ClusterId& of = cluster()) {
  return message_of(Ledger::parse(of, text, "DIR/ledger"));
}

std::string replace(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a ledger comes back as it was") {
  for (const int size : {0, 1, 2, 200}) {
    const Ledger before = make_ledger(static_cast<unsigned char>(size));
    const auto after = Ledger::parse(cluster(), before.serialize(), "f");
    REQUIRE_MESSAGE(after.has_value(), message_of(after));
    CHECK(after.value().entries() == before.entries());
    CHECK(after.value().serialize() == before.serialize());
  }
}

TEST_CASE("numbers of 64 bits are text, times are RFC 3339") {
  const std::string text = make_ledger(1).serialize();
  CHECK(contains(text, "\"serial\":\"1152921504606846977\""));
  CHECK(contains(text, "\"not_after\":\"2033-05-18T03:33:20Z\""));
}

TEST_CASE("put replaces by id, find looks by name, key and prefix") {
  Ledger ledger = make_ledger(3);
  LedgerEntry renewed = make_entry(2);
  renewed.serial = Serial{~std::uint64_t{0}};
  ledger.put(renewed);
  CHECK(ledger.entries().size() == 3);
  CHECK(ledger.find_name("node-2")->serial == renewed.serial);
  CHECK(ledger.find_key(renewed.identity)->name == "node-2");
  CHECK(ledger.find_name("node-4") == nullptr);
  CHECK(ledger.find_key({}) == nullptr);
  NodeId id{};
  CHECK(!ledger.has_prefix_of(id));
  std::fill_n(id.begin(), 8, std::byte{3});  // the other 8 bytes differ
  CHECK(ledger.has_prefix_of(id));
}

TEST_CASE("no byte of a ledger can change unnoticed, and the message names file and line") {
  const std::string text = make_ledger(3).serialize();
  int line = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 7)));
    const std::string message = parse_error(flipped);
    CAPTURE(i);
    CHECK(contains(message, "DIR/ledger line "));
    const bool breaks_lines = text[i] == '\n' || flipped[i] == '\n';
    if (!breaks_lines && line > 1) CHECK(contains(message, "line " + std::to_string(line) + ": "));
    if (text[i] == '\n') ++line;
  }
}

TEST_CASE("a ledger that was cut, at a line's end as well") {
  const std::string text = make_ledger(3).serialize();
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK(contains(parse_error(text.substr(0, size)), "DIR/ledger line "));
  }
  const std::string two_lines = text.substr(0, text.rfind('\n', text.size() - 2) + 1);
  check_message(parse_error(two_lines),
                {"line 4", "cut off, 3 entries expected", "quorumor authority restore"});
  check_message(parse_error(text + text.substr(text.find('\n') + 1)), {"line 5", "more than the 3"});
  check_message(parse_error(text + "\n"), {"line 5"});
}

TEST_CASE("odd ledgers") {
  const std::string text = make_ledger(2).serialize();
  struct {
    std::string text;
    const char* says;
  } const cases[] = {
      {"", "line 1: not the beginning"},
      {"\n", "line 1: not the beginning"},
      {"[1]\n", "line 1: not the beginning"},
      {replace(text, "ledger-1", "ledger-2"), "line 1: not the beginning"},
      {replace(text, "\"entries\":2", "\"entries\":-1"), "line 1: no number"},
      {replace(text, "\"entries\":2", "\"entries\":\"2\""), "line 1: no number"},
      {replace(text, "\"entries\":2", "\"entries\":70000"), "line 1: no number"},
      {replace(text, "\"entries\":2", "\"entries\":1"), "line 3: more than"},
      {replace(text, "{\"id\"", "{ \"id\""), "line 2: damaged"},
      {replace(text, "\"zone\":\"\"", "\"zone\":null"), "line 2: damaged"},
      {replace(text, "\"roles\":[]", "\"roles\":[[[[[[]]]]]]"), "line 2: damaged"},
      {replace(text, "\"roles\":[]", "\"roles\":[1]"), "line 2: damaged"},
      {replace(text, "\"zone\":\"\",", ""), "line 2: damaged"},
      {replace(text, "node-1", "node-9"), "line 2: damaged"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    check_message(parse_error(c.text), {std::string("DIR/ledger ") + c.says});
  }
  ClusterId other{};
  check_message(parse_error(text, other), {"line 1: the ledger of another cluster"});
}

TEST_CASE("a ledger that names somebody twice") {
  const auto second = [](auto change) {
    Ledger ledger(cluster());
    ledger.put(make_entry(1));
    LedgerEntry entry = make_entry(2);
    change(entry);
    ledger.put(entry);
    return parse_error(ledger.serialize());
  };
  CHECK(second([](LedgerEntry&) {}).empty());
  check_message(second([](LedgerEntry& e) { e.name = "node-1"; }), {"line 3", "an earlier line"});
  check_message(second([](LedgerEntry& e) { e.identity.fill(std::byte{1}); }), {"line 3"});
  check_message(second([](LedgerEntry& e) { std::fill_n(e.id.begin(), 8, std::byte{1}); }), {"line 3"});
}

namespace {

Revocation make_revocation(unsigned char n, std::uint64_t serial) {
  Revocation out;
  out.id.fill(std::byte{n});
  out.serial = Serial{serial};
  out.at = wall_from_seconds(1'800'000'000);
  out.reason = "stolen \"laptop\"";
  return out;
}

}  // namespace

TEST_CASE("revocations come back, hold up to their serial, and none means the old form") {
  Ledger ledger = make_ledger(2);
  CHECK(!contains(ledger.serialize(), "revocations"));
  const LedgerEntry entry = ledger.entries()[0];
  ledger.put(make_revocation(1, entry.serial.value));
  ledger.put(make_revocation(9, 5));  // of somebody whom this ledger does not know
  const auto after = Ledger::parse(cluster(), ledger.serialize(), "f");
  REQUIRE_MESSAGE(after.has_value(), message_of(after));
  CHECK(after.value().revocations() == ledger.revocations());
  CHECK(after.value().is_revoked(entry));
  CHECK(!after.value().is_revoked(ledger.entries()[1]));
  LedgerEntry pardoned = entry;
  pardoned.serial = Serial{entry.serial.value + 1};
  CHECK(!after.value().is_revoked(pardoned));
  ledger.put(make_revocation(1, pardoned.serial.value));  // again: in its old place
  CHECK(ledger.revocations().size() == 2);
  CHECK(ledger.is_revoked(pardoned));
}

TEST_CASE("a revocation cannot be lost, doubled or changed unnoticed") {
  Ledger ledger = make_ledger(1);
  ledger.put(make_revocation(1, 5));
  ledger.put(make_revocation(2, 6));
  const std::string text = ledger.serialize();
  for (std::size_t i = 0; i < text.size(); ++i) {
    CAPTURE(i);
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 7)));
    CHECK(!parse_error(flipped).empty());
    CHECK(!parse_error(text.substr(0, i)).empty());
  }
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
  check_message(parse_error(text.substr(0, last)), {"cut off, 2 revocations expected"});
  const std::size_t first = text.rfind('\n', last - 2) + 1;
  check_message(parse_error(text.substr(0, last) + text.substr(first, last - first)), {"an id that an earlier line"});
  check_message(parse_error(replace(text, "\"revocations\":2", "\"revocations\":1")), {"more than"});
}
