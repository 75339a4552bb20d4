#include "wire/frame.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "support/vectors.h"
#include "wire/frames/fixture.h"

namespace quorumor {
namespace {

using test::Vectors;

template <std::size_t N>
ByteArray<N> array_at(const Vectors& vectors, const std::string& name) {
  const ByteVector bytes = vectors.at(name);
  REQUIRE(bytes.size() == N);
  ByteArray<N> out;
  std::memcpy(out.data(), bytes.data(), N);
  return out;
}

// What a frame is made of, from the vectors.
struct Parts {
  Vectors vectors{"wire/frames.txt"};
  ClusterId cluster = array_at<32>(vectors, "cluster");
  EpochSecrets epoch = EpochSecrets::derive(EpochKey{Secret<32>::copy_of(array_at<32>(vectors, "epoch_key"))}, cluster);
  NodeId sender = array_at<16>(vectors, "sender");
  NodeId receiver = array_at<16>(vectors, "receiver");
  ByteArray<32> key = array_at<32>(vectors, "pair_key");
  ByteVector plain = vectors.at("plain");
  Nonce192 nonce = array_at<24>(vectors, "nonce");
  std::uint64_t counter = load_le<std::uint64_t>(vectors.at("counter_le").data());
};

struct ShortCase {
  const char* name;
  Suite suite;
  bool is_empty;
};
constexpr ShortCase kShortCases[] = {{"short_chacha", Suite::chacha20_poly1305, false},
                                     {"short_aes", Suite::aes256_gcm, false},
                                     {"short_empty", Suite::chacha20_poly1305, true}};

TEST_CASE("frame: short golden vectors, both ways") {
  const Parts p;
  for (const ShortCase& c : kShortCases) {
    CAPTURE(c.name);
    const ByteVector golden = p.vectors.at(c.name);
    const Bytes plain = c.is_empty ? Bytes{} : Bytes{p.plain};
    const ShortHeader header{id_prefix(p.sender), c.is_empty ? kCounterEnd - 1 : p.counter};

    ByteArray<limits::kDatagram> out;
    CHECK(to_hex(seal_short(out, plain, header, p.receiver, c.suite, p.epoch, p.key)) == to_hex(golden));
    // In place, as the core seals.
    if (!plain.empty()) std::memmove(out.data() + limits::kShortHeader, plain.data(), plain.size());
    const Bytes in_place{out.data() + limits::kShortHeader, plain.size()};
    CHECK(to_hex(seal_short(out, in_place, header, p.receiver, c.suite, p.epoch, p.key)) == to_hex(golden));

    const ShortHeader seen = unmask_short(golden, p.receiver, p.epoch);
    CHECK(seen.sender_prefix == header.sender_prefix);
    CHECK(seen.counter == header.counter);
    ByteVector opened(golden.size() - limits::kShortOverhead);
    REQUIRE(open_short(opened, golden, seen, p.receiver, c.suite, p.key));
    CHECK(equal(opened, plain));
  }
}

TEST_CASE("frame: long golden vectors, both ways") {
  const Parts p;
  for (const char* name : {"long", "long_anybody"}) {
    CAPTURE(name);
    const NodeId receiver = std::string(name) == "long" ? p.receiver : NodeId{};
    const NodeId other = std::string(name) == "long" ? NodeId{} : p.receiver;
    ByteVector golden = p.vectors.at(name);
    const std::size_t size = golden.size();
    ByteArray<limits::kDatagram> out;
    CHECK(to_hex(seal_long(out, p.plain, p.nonce, receiver, p.epoch)) == to_hex(golden));

    golden.resize(size + 100, std::byte{0x51});  // a short frame follows
    const auto frame = split_long(golden, p.epoch);
    REQUIRE(frame);
    CHECK(frame.value().size() == size);
    ByteVector opened(size - limits::kLongOverhead);
    CHECK_FALSE(open_long(opened, frame.value(), other, p.epoch));
    REQUIRE(open_long(opened, frame.value(), receiver, p.epoch));
    CHECK(equal(opened, p.plain));
  }
}

// From session secrets to bytes: the derivations, which key is whose, where counters start.
TEST_CASE("frame: the first frames of two links are the golden ones") {
  const Parts p;
  const auto secret = [&](const char* name) { return SessionKey::from_bytes(array_at<32>(p.vectors, name)); };
  for (const Suite suite : {Suite::chacha20_poly1305, Suite::aes256_gcm}) {
    Keyring::Entry entry;
    entry.announcement.announcement.parameters.suite = suite;
    entry.key = EpochKey{Secret<32>::copy_of(array_at<32>(p.vectors, "epoch_key"))};
    entry.secrets = EpochSecrets::derive(entry.key, p.cluster);
    const SessionKey a_key = secret("sender_secret");
    const SessionKey b_key = secret("receiver_secret");
    Links a(p.cluster, p.sender, secret("sender_secret"));
    Links b(p.cluster, p.receiver, secret("receiver_secret"));
    ByteArray<limits::kDatagram> out;
    const auto there = a.seal(a.put(p.receiver, b_key.public_key()), entry, p.plain, out);
    const bool is_chacha = suite == Suite::chacha20_poly1305;
    CHECK(to_hex(there) == to_hex(p.vectors.at(is_chacha ? "first_chacha" : "first_aes")));
    if (!is_chacha) continue;
    const auto back = b.seal(b.put(p.sender, a_key.public_key()), entry, p.plain, out);
    CHECK(to_hex(back) == to_hex(p.vectors.at("answer_chacha")));
  }
}

TEST_CASE("frame: the head, by size, type and tag") {
  constexpr std::size_t kLeastShort = limits::kShortOverhead;
  constexpr std::size_t kLeastLong = limits::kLongOverhead;
  struct Case {
    unsigned type;
    std::size_t size;
    std::optional<DropReason> reason;
  };
  constexpr Case kCases[] = {
      {0x51, 0, DropReason::too_short},
      {0x51, 1, DropReason::too_short},
      {0x51, kLeastShort - 1, DropReason::too_short},
      {0x51, kLeastShort, std::nullopt},
      {0x51, limits::kDatagram, std::nullopt},
      {0x51, limits::kDatagram + 1, DropReason::too_long},
      {0x51, 65535, DropReason::too_long},
      {0x4c, kLeastShort, DropReason::too_short},
      {0x4c, kLeastLong - 1, DropReason::too_short},
      {0x4c, kLeastLong, std::nullopt},
      {0x4c, limits::kDatagram, std::nullopt},
      {0x4c, limits::kDatagram + 1, DropReason::too_long},
      {0x00, 100, DropReason::unknown_type},
      {0x50, 100, DropReason::unknown_type},
      {0xd1, 100, DropReason::unknown_type},
      {0x16, 100, DropReason::unknown_type},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.type);
    CAPTURE(c.size);
    ByteVector frame(c.size, std::byte{0xee});
    if (!frame.empty()) frame[0] = static_cast<std::byte>(c.type);
    const auto head = parse_head(frame);
    CHECK((head ? std::nullopt : std::optional(head.error())) == c.reason);
    if (!head) continue;
    CHECK(head.value().type == static_cast<std::byte>(c.type));
    CHECK(head.value().tag == EpochTag4{std::byte{0xee}, std::byte{0xee}, std::byte{0xee}, std::byte{0xee}});
  }
}

// Every bit of a short frame is covered: what is masked by what it unmasks to, the rest by the AEAD.
TEST_CASE("frame: no bit of a short frame can change") {
  const Parts p;
  for (const ShortCase& c : kShortCases) {
    CAPTURE(c.name);
    const ByteVector golden = p.vectors.at(c.name);
    ByteVector opened(golden.size() - limits::kShortOverhead);
    for (std::size_t bit = 0; bit < 8 * golden.size(); ++bit) {
      CAPTURE(bit);
      ByteVector frame = golden;
      frame[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      const ShortHeader header = unmask_short(frame, p.receiver, p.epoch);
      CHECK_FALSE(open_short(opened, frame, header, p.receiver, c.suite, p.key));
    }
  }
}

TEST_CASE("frame: no bit of a long frame can change") {
  const Parts p;
  const ByteVector golden = p.vectors.at("long");
  ByteVector opened(limits::kDatagram);
  std::size_t cut_elsewhere = 0;
  for (std::size_t bit = 0; bit < 8 * golden.size(); ++bit) {
    CAPTURE(bit);
    ByteVector frame = golden;
    frame[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto whole = split_long(frame, p.epoch);
    if (!whole || whole.value().size() != golden.size()) ++cut_elsewhere;
    if (!whole) continue;
    const auto plain = MutableBytes{opened}.first(whole.value().size() - limits::kLongOverhead);
    CHECK_FALSE(open_long(plain, whole.value(), p.receiver, p.epoch));
  }
  CHECK(cut_elsewhere >= 16);  // at least the length's own bits

  // A wrong cut of right bytes: the length is authenticated too.
  ByteVector longer = golden;
  longer.push_back(std::byte{0});
  for (const std::size_t size : {golden.size() - 1, golden.size() + 1, limits::kLongOverhead}) {
    const auto plain = MutableBytes{opened}.first(size - limits::kLongOverhead);
    CHECK_FALSE(open_long(plain, Bytes{longer}.first(size), p.receiver, p.epoch));
  }
}

TEST_CASE("frame: a long frame's length stays inside its datagram") {
  const Parts p;
  const ByteVector golden = p.vectors.at("long");
  for (std::size_t size = limits::kLongOverhead; size < golden.size(); ++size) {
    const auto whole = split_long(Bytes{golden}.first(size), p.epoch);
    REQUIRE_FALSE(whole);
    CHECK(whole.error() == DropReason::forged);
  }
  // All 65,536 lengths, by all masked values: exactly those that hold a tag and fit are taken.
  ByteVector frame(limits::kDatagram);
  std::memcpy(frame.data(), golden.data(), golden.size());
  std::set<std::size_t> sizes;
  for (unsigned masked = 0; masked <= 0xffff; ++masked) {
    store_le(frame.data() + limits::kLongHeader - 2, static_cast<std::uint16_t>(masked));
    const auto whole = split_long(frame, p.epoch);
    if (whole) sizes.insert(whole.value().size());
  }
  CHECK(sizes.size() == limits::kDatagram - limits::kLongOverhead + 1);
  CHECK(*sizes.begin() == limits::kLongOverhead);
  CHECK(*sizes.rbegin() == limits::kDatagram);
}

// The mask of a long frame's length must not be bytes that mask a short header: an attacker may choose a nonce.
TEST_CASE("frame: a nonce that equals a short frame's mask input unmasks nothing of it") {
  const Parts p;
  const ByteVector golden = p.vectors.at("short_chacha");
  Nonce192 nonce{};
  for (std::size_t i = 0; i < 16; ++i) nonce[i] = golden[golden.size() - 16 + i] ^ p.receiver[i];
  ByteArray<limits::kDatagram> out;
  const auto frame = seal_long(out, p.plain, nonce, p.receiver, p.epoch);
  const auto length_mask = static_cast<std::uint16_t>(load_le<std::uint16_t>(frame.data() + limits::kLongHeader - 2) ^
                                                      (p.plain.size() + kAeadTag));
  const ShortHeader header = unmask_short(golden, p.receiver, p.epoch);
  ByteArray<16> clear;
  store_le(clear.data(), header.sender_prefix);
  store_le(clear.data() + 8, header.counter);
  for (std::size_t i = 0; i + 1 < 16; ++i) {
    const auto masked = load_le<std::uint16_t>(golden.data() + 5 + i);
    CHECK(static_cast<std::uint16_t>(masked ^ load_le<std::uint16_t>(clear.data() + i)) != length_mask);
  }
}

TEST_CASE("frame: every reason has a name of its own") {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kDropReasons; ++i) names.insert(to_string(static_cast<DropReason>(i)));
  CHECK(names.size() == kDropReasons);
  CHECK(std::string(to_string(DropReason::too_short)) == "too_short");
  CHECK(std::string(to_string(DropReason::replayed)) == "replayed");
  CHECK(std::string(to_string(DropReason::over_limit)) == "over_limit");
}

}  // namespace
}  // namespace quorumor
