#include "crypto/credential.h"

#include <functional>

#include "helpers.h"

namespace quorumor {
namespace {

using test::array_at;

constexpr std::size_t kNotBeforeAt = 1 + 16 + 32 + 8;
constexpr std::size_t kNotAfterAt = kNotBeforeAt + 8;
constexpr std::int64_t kYear9999 = 253'402'300'799;

Credential sample() {
  Credential c;
  c.id[0] = std::byte{0x42};
  c.identity = test::test_key("identity").public_key();
  c.serial = Serial{7};
  c.not_before = wall_from_seconds(1'700'000'000);
  c.not_after = wall_from_seconds(1'800'000'000);
  c.name = "node-1";
  c.zone = "zone-a";
  c.roles = {"keymaster", "web"};
  return c;
}

TEST_CASE("golden vectors: content and signature") {
  const test::Vectors v("crypto/credential.txt");
  const auto cluster = array_at<32>(v, "cluster");
  const auto authority = SigningKey::from_seed(array_at<32>(v, "authority_seed"));
  Credential c;
  c.id = array_at<16>(v, "id");
  c.identity = array_at<32>(v, "identity");
  c.serial = Serial{0x0102030405060708};
  c.not_before = wall_from_seconds(1'700'000'000);
  c.not_after = wall_from_seconds(1'800'000'000);
  c.name = "node-1.example";
  c.zone = "zone_a";
  c.roles = {"keymaster", "web"};
  const auto issued = issue_credential(authority, cluster, c);
  CHECK(to_hex(issued.content) == to_hex(v.at("content")));
  CHECK(to_hex(issued.signature) == to_hex(v.at("signature")));
  const auto read =
      verify_credential(authority.public_key(), cluster, v.at("content"), array_at<64>(v, "signature"));
  REQUIRE(read);
  CHECK(read.value().credential == c);
  CHECK(read.value().content == v.at("content"));

  c.serial = Serial{1};
  c.name = std::string("n");
  c.zone.clear();
  c.roles.clear();
  const auto small = issue_credential(authority, cluster, c);
  CHECK(to_hex(small.content) == to_hex(v.at("small_content")));
  CHECK(to_hex(small.signature) == to_hex(v.at("small_signature")));
}

TEST_CASE("the largest credential fits its limit exactly") {
  Credential c = sample();
  c.name = c.zone = std::string(kNameMax, 'a');
  c.roles.assign(kRolesMax, std::string(kNameMax, 'b'));
  const ByteVector content = encode_credential(c);
  CHECK(content.size() == kCredentialContentMax);
  CHECK(decode_credential(content).value() == c);
}

TEST_CASE("issuing drops fractions of a second, so that what is returned is what was signed") {
  Credential c = sample();
  c.not_before += std::chrono::milliseconds{999};
  c.not_after += std::chrono::milliseconds{1};
  const auto issued = issue_credential(test::test_key("authority"), {}, c);
  CHECK(issued.credential == sample());
  CHECK(decode_credential(issued.content).value() == issued.credential);
}

// One defect at a time, put into the bytes that a sound credential encodes to.
ByteVector patched(const std::function<void(ByteVector&)>& patch) {
  ByteVector content = encode_credential(sample());
  patch(content);
  return content;
}
void put_i64(ByteVector& content, std::size_t at, std::int64_t value) {
  store_le<std::uint64_t>(content.data() + at, static_cast<std::uint64_t>(value));
}

TEST_CASE("each defect is refused for its own reason") {
  using E = CredentialError;
  const std::size_t name_at = kNotAfterAt + 8;
  const std::size_t zone_at = name_at + 1 + 6;
  const std::size_t roles_at = zone_at + 1 + 6;
  const auto check = [](E expected, const std::function<void(ByteVector&)>& patch) {
    const auto result = decode_credential(patched(patch));
    REQUIRE_FALSE(result);
    CHECK(result.error() == expected);
  };
  check(E::malformed, [](ByteVector& c) { c[0] = std::byte{2}; });
  check(E::malformed, [](ByteVector& c) { c[0] = std::byte{0}; });
  check(E::malformed, [](ByteVector& c) { c.push_back(std::byte{0}); });
  check(E::malformed, [&](ByteVector& c) { c[roles_at] = std::byte{1}; });  // a role is left over
  check(E::malformed, [&](ByteVector& c) { c[roles_at] = std::byte{3}; });
  check(E::malformed, [&](ByteVector& c) {  // well-formed, but too many
    c.resize(roles_at);
    c.push_back(std::byte{kRolesMax + 1});
    for (std::size_t i = 0; i <= kRolesMax; ++i) c.insert(c.end(), {std::byte{1}, std::byte{'r'}});
  });
  check(E::bad_name, [&](ByteVector& c) { c[name_at + 1] = std::byte{'N'}; });
  check(E::bad_name, [&](ByteVector& c) { c[zone_at + 1] = std::byte{'\n'}; });
  check(E::bad_name, [&](ByteVector& c) { c[zone_at + 1] = std::byte{'/'}; });
  check(E::bad_name, [&](ByteVector& c) { c[roles_at + 2] = std::byte{' '}; });
  check(E::bad_name, [&](ByteVector& c) {  // an empty name
    c[name_at] = std::byte{0};
    c.erase(c.begin() + static_cast<std::ptrdiff_t>(name_at) + 1,
            c.begin() + static_cast<std::ptrdiff_t>(name_at) + 7);
  });
  check(E::bad_validity, [](ByteVector& c) { put_i64(c, kNotBeforeAt, -1); });
  check(E::bad_validity, [](ByteVector& c) { put_i64(c, kNotBeforeAt, 1'800'000'000); });
  check(E::bad_validity, [](ByteVector& c) { put_i64(c, kNotAfterAt, kYear9999 + 1); });
  check(E::bad_validity,
        [](ByteVector& c) { put_i64(c, kNotAfterAt, std::numeric_limits<std::int64_t>::max()); });
  check(E::bad_validity,
        [](ByteVector& c) { put_i64(c, kNotBeforeAt, std::numeric_limits<std::int64_t>::min()); });
  check(E::bad_key, [](ByteVector& c) { std::fill_n(c.begin() + 17, 32, std::byte{0}); });
  check(E::bad_key, [](ByteVector& c) { std::fill_n(c.begin() + 17, 32, std::byte{0xff}); });
  CHECK(decode_credential(patched([](ByteVector& c) { put_i64(c, kNotAfterAt, kYear9999); })));
  CHECK(decode_credential(patched([](ByteVector& c) { put_i64(c, kNotBeforeAt, 0); })));
  CHECK(decode_credential(patched([](ByteVector&) {})));
}

TEST_CASE("every truncation is refused") {
  const ByteVector content = encode_credential(sample());
  for (std::size_t size = 0; size < content.size(); ++size) {
    CAPTURE(size);
    CHECK(decode_credential(Bytes(content).first(size)).error() == CredentialError::malformed);
  }
}

TEST_CASE("whatever decodes encodes to the same bytes: there is one encoding of a credential") {
  auto rng = test::test_rng("credential fuzz");
  const ByteVector content = encode_credential(sample());
  int decoded = 0;
  for (int i = 0; i < 5000; ++i) {
    const ByteVector bytes = i % 5 == 0 ? test::random_bytes(rng, 600) : test::mutated(content, rng);
    const auto result = decode_credential(bytes);
    if (!result) continue;
    ++decoded;
    CHECK(encode_credential(result.value()) == bytes);
  }
  CHECK(decoded > 50);  // else this test would test nothing
}

TEST_CASE("a credential verifies under its authority and cluster only, to the byte") {
  const auto authority = test::test_key("authority");
  const auto cluster = test::test_digest("cluster");
  const auto issued = issue_credential(authority, cluster, sample());
  const auto& key = authority.public_key();
  REQUIRE(verify_credential(key, cluster, issued.content, issued.signature));
  CHECK(verify_credential(test::test_key("x").public_key(), cluster, issued.content, issued.signature)
            .error() == CredentialError::bad_signature);
  CHECK(verify_credential(key, test::test_digest("x"), issued.content, issued.signature).error() ==
        CredentialError::bad_signature);
  for (std::size_t bit = 0; bit < issued.content.size() * 8; ++bit) {
    CHECK_FALSE(
        verify_credential(key, cluster, test::with_bit_flipped(issued.content, bit), issued.signature));
  }
}

TEST_CASE("validity has an hour's tolerance on both ends") {
  struct Row {
    std::int64_t offset_ms;  // from not_before
    Validity expected;
  };
  const Credential c = sample();
  const std::int64_t span = 100'000'000'000;
  const Row rows[] = {{-3'600'001, Validity::not_yet},
                      {-3'600'000, Validity::valid},
                      {0, Validity::valid},
                      {span, Validity::valid},
                      {span + 3'600'000, Validity::valid},
                      {span + 3'600'001, Validity::expired}};
  for (const Row& row : rows) {
    CAPTURE(row.offset_ms);
    CHECK(check_validity(c, c.not_before + std::chrono::milliseconds{row.offset_ms}) == row.expected);
  }
}

TEST_CASE("roles are matched whole") {
  const Credential c = sample();
  CHECK(c.has_role(kKeymasterRole));
  CHECK(c.has_role("web"));
  CHECK_FALSE(c.has_role("keymaste"));
  CHECK_FALSE(c.has_role(""));
}

TEST_CASE("encoding what breaks the requirements is a programmer's error") {
  const auto aborts_with = [](const std::function<void(Credential&)>& change) {
    return test::aborts([&] {
      Credential c = sample();
      change(c);
      encode_credential(c);
    });
  };
  CHECK_FALSE(aborts_with([](Credential&) {}));
  CHECK(aborts_with([](Credential& c) { c.name.clear(); }));
  CHECK(aborts_with([](Credential& c) { c.zone = std::string("A"); }));
  CHECK(aborts_with([](Credential& c) { c.roles.assign(kRolesMax + 1, "r"); }));
  CHECK(aborts_with([](Credential& c) { c.not_after = c.not_before; }));
  CHECK(aborts_with([](Credential& c) { c.not_after += std::chrono::milliseconds{1}; }));
  CHECK(aborts_with([](Credential& c) { c.identity = {}; }));
}

}  // namespace
}  // namespace quorumor
