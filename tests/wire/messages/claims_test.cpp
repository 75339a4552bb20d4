#include "wire/claims.h"

#include <doctest/doctest.h>

#include <functional>

#include "record_samples.h"
#include "support/vectors.h"

namespace quorumor {
namespace {

template <std::size_t N>
ByteArray<N> filled(int first) {
  ByteArray<N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::byte>(static_cast<std::size_t>(first) + i);
  return out;
}

Core sample_core() {
  Core core;
  core.id = filled<16>(0x10);
  core.at = {Serial{0x0102030405060708}, Generation{0x1112131415161718}, Incarnation{0x2122232425262728}};
  core.session_key = filled<32>(0x40);
  core.leaving = true;
  core.next_event = Sequence{0x3132333435363738};
  core.body_digest = filled<32>(0x80);
  return core;
}

Body sample_body() {
  Body body;
  body.id = filled<16>(0x10);
  body.protocol_min = 1;
  body.protocol_max = 3;
  body.endpoints = {Endpoint::v4(192, 0, 2, 7, 7947), Endpoint::v6(filled<16>(0x20), 0x1234)};
  body.metadata = to_vector(as_bytes("role=web"));
  return body;
}

// Offsets within an encoded body.
constexpr std::size_t kMinAt = 17;
constexpr std::size_t kMaxAt = 18;
constexpr std::size_t kCountAt = 19;
constexpr std::size_t kFamilyAt = 20;
constexpr std::size_t kAddressAt = 21;
constexpr std::size_t kPortAt = 25;

TEST_CASE("golden vectors: core") {
  const test::Vectors v("wire/records.txt");
  Core core = sample_core();
  CHECK(to_hex(encode_core(core)) == to_hex(v.at("core_leaving")));
  CHECK(decode_core(v.at("core_leaving")).value() == core);
  CHECK(to_hex(core_digest(v.at("core_leaving"))) == to_hex(v.at("core_leaving_digest")));
  core.leaving = false;
  CHECK(to_hex(encode_core(core)) == to_hex(v.at("core")));
  CHECK(decode_core(v.at("core")).value() == core);
}

TEST_CASE("golden vectors: body") {
  const test::Vectors v("wire/records.txt");
  const Body body = sample_body();
  CHECK(to_hex(encode_body(body)) == to_hex(v.at("body")));
  CHECK(decode_body(v.at("body")).value() == body);
  CHECK(to_hex(body_digest(v.at("body"))) == to_hex(v.at("body_digest")));
  CHECK(peek_body_id(v.at("body")) == body.id);
}

TEST_CASE("a core has exactly one size, version 1 and one flag") {
  const auto good = encode_core(sample_core());
  REQUIRE(decode_core(good));
  for (const int version : {0, 2, 255}) {
    auto bytes = good;
    bytes[0] = static_cast<std::byte>(version);
    CHECK(decode_core(bytes).error() == ClaimError::bad_value);
  }
  for (unsigned bit = 1; bit < 8; ++bit) {
    auto bytes = good;
    bytes[1 + 16 + 24 + 32] |= static_cast<std::byte>(1U << bit);
    CAPTURE(bit);
    CHECK(decode_core(bytes).error() == ClaimError::bad_value);
  }
  ByteVector longer = to_vector(good);
  longer.push_back(std::byte{});
  CHECK(decode_core(longer).error() == ClaimError::malformed);
}

struct BadBody {
  const char* what;
  std::function<void(ByteVector&)> spoil;
  ClaimError error;
};

const auto set = [](std::size_t at, int value) {
  return [at, value](ByteVector& bytes) { bytes[at] = static_cast<std::byte>(value); };
};

const BadBody kBadBodies[] = {
    {"version 0", set(0, 0), ClaimError::bad_value},
    {"version 2", set(0, 2), ClaimError::bad_value},
    {"lowest protocol 0", set(kMinAt, 0), ClaimError::bad_value},
    {"lowest above highest", set(kMinAt, 4), ClaimError::bad_value},
    {"highest protocol 0", set(kMaxAt, 0), ClaimError::bad_value},
    {"five endpoints", set(kCountAt, 5), ClaimError::bad_value},
    {"more endpoints than there are bytes", set(kCountAt, 4), ClaimError::bad_value},
    {"fewer endpoints than there are bytes", set(kCountAt, 1), ClaimError::malformed},
    {"unknown family", set(kFamilyAt, 5), ClaimError::bad_value},
    {"no family", set(kFamilyAt, 0), ClaimError::bad_value},
    {"multicast", set(kAddressAt, 224), ClaimError::bad_value},
    {"this network", set(kAddressAt, 0), ClaimError::bad_value},
    {"port 0", [](ByteVector& b) { b[kPortAt] = b[kPortAt + 1] = std::byte{}; }, ClaimError::bad_value},
    {"one byte missing", [](ByteVector& b) { b.pop_back(); }, ClaimError::malformed},
    {"one byte more", [](ByteVector& b) { b.push_back(std::byte{1}); }, ClaimError::malformed},
    {"nothing", [](ByteVector& b) { b.clear(); }, ClaimError::malformed},
};

TEST_CASE("bodies that no honest member sends") {
  for (const BadBody& bad : kBadBodies) {
    ByteVector bytes = encode_body(sample_body());
    REQUIRE(decode_body(bytes));
    bad.spoil(bytes);
    CAPTURE(bad.what);
    const auto result = decode_body(bytes);
    REQUIRE(!result);
    CHECK(result.error() == bad.error);
  }
}

TEST_CASE("a body without endpoints is refused") {
  ByteVector bytes = encode_body(sample_body());
  bytes[kCountAt] = std::byte{0};
  bytes.erase(bytes.begin() + kFamilyAt, bytes.begin() + kFamilyAt + 7 + 19);
  REQUIRE(bytes.size() == 20 + 2 + 8);
  CHECK(decode_body(bytes).error() == ClaimError::bad_value);
}

TEST_CASE("a mapped IPv4 address is no second encoding of an IPv4 address") {
  Body body = sample_body();
  body.endpoints = {Endpoint::v6(filled<16>(0x20), 7947)};
  ByteVector bytes = encode_body(body);
  REQUIRE(decode_body(bytes));
  std::memset(&bytes[kAddressAt], 0, 10);
  std::memset(&bytes[kAddressAt + 10], 0xff, 2);
  CHECK(decode_body(bytes).error() == ClaimError::bad_value);
}

TEST_CASE("loopback endpoints are a body's to have; the receiver decides") {
  Body body = sample_body();
  body.endpoints = {Endpoint::v4(127, 0, 0, 1, 7947)};
  CHECK(decode_body(encode_body(body)).value() == body);
}

TEST_CASE("the limits of a body, and one past them") {
  Body body = sample_body();
  body.endpoints.assign(limits::kEndpoints, Endpoint::v6(filled<16>(0x20), 1));
  body.metadata.assign(limits::kMetadata, std::byte{7});
  ByteVector bytes = encode_body(body);
  CHECK(bytes.size() <= limits::kBody);
  CHECK(decode_body(bytes).value() == body);

  const std::size_t size_at = bytes.size() - limits::kMetadata - 2;
  store_le<std::uint16_t>(&bytes[size_at], limits::kMetadata + 1);
  bytes.push_back(std::byte{7});
  CHECK(decode_body(bytes).error() == ClaimError::bad_value);

  body.metadata.push_back(std::byte{7});
  CHECK_FALSE(is_valid(body));
  body.metadata.clear();
  CHECK(is_valid(body));
  body.endpoints.push_back(body.endpoints[0]);
  CHECK_FALSE(is_valid(body));
}

TEST_CASE("the id of an undecoded body") {
  const ByteVector bytes = encode_body(sample_body());
  CHECK(peek_body_id(Bytes(bytes).first(17)) == sample_body().id);
  CHECK_FALSE(peek_body_id(Bytes(bytes).first(16)));
  CHECK_FALSE(peek_body_id({}));
  ByteVector other = bytes;
  other[0] = std::byte{2};
  CHECK_FALSE(peek_body_id(other));
}

TEST_CASE("random claims survive the trip") {
  auto rng = test::test_rng("claims");
  for (int i = 0; i < 500; ++i) {
    const Core core = test::random_core(rng);
    CHECK(decode_core(encode_core(core)).value() == core);
    const Body body = test::random_body(rng);
    CHECK(decode_body(encode_body(body)).value() == body);
  }
}

TEST_CASE("coordinates are ordered by serial, then generation, then incarnation") {
  const Coordinate low{Serial{1}, Generation{9}, Incarnation{9}};
  CHECK(low < Coordinate{Serial{2}, Generation{0}, Incarnation{0}});
  CHECK(low < Coordinate{Serial{1}, Generation{10}, Incarnation{0}});
  CHECK(low < Coordinate{Serial{1}, Generation{9}, Incarnation{10}});
  CHECK(low == Coordinate{Serial{1}, Generation{9}, Incarnation{9}});
}

}  // namespace
}  // namespace quorumor
