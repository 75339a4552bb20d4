// What ten thousand members cost in the table: under 10 MB, all records and indexes included; and what they cost in a
// further table of the same process, which shares the records: a simulated cluster has n of those. Counted are the
// blocks that the allocator hands out, rounding included (mallinfo2).
#include "crypto/drbg.h"
#include "membership/member_table.h"

#include <doctest/doctest.h>
#include <malloc.h>

using namespace quorumor;

namespace {

std::size_t in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

TEST_CASE("a table of ten thousand members takes less than 10 MB") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return;  // their allocators are not the one that is measured
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return;
#endif
#endif
  constexpr std::size_t kMembers = 10'000;
  Drbg rng(ByteArray<32>{}, "table memory");
  const SigningKey authority = SigningKey::generate(rng);
  const SigningKey identity = SigningKey::generate(rng);
  const std::size_t before = in_use();
  MemberTable table(kMembers);
  for (std::size_t i = 0; i < kMembers; ++i) {
    Credential c;
    rng.fill(c.id);
    c.identity = identity.public_key();
    c.name = "node-" + std::to_string(i) + ".rack-7.example";
    c.zone = "eu-west-1a";
    c.serial = Serial{1'800'000'000};
    c.not_before = wall_from_seconds(1'700'000'000);
    c.not_after = wall_from_seconds(1'800'000'000);
    SignedCredential credential = issue_credential(authority, {}, c);
    ByteVector record = join_record(credential.content, credential.signature);
    Member* member = table.insert(std::move(credential), std::move(record));
    REQUIRE(member != nullptr);

    Body body;
    body.id = c.id;
    body.endpoints = {Endpoint::v4(10, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i), 7947)};
    const ByteVector body_record = encode_body(body);
    Core core;
    core.id = c.id;
    core.at = {c.serial, Generation{std::uint64_t{1} << 56}, Incarnation{1}};
    core.body_digest = body_digest(body_record);
    ByteVector core_record = to_vector(encode_core(core));
    core_record.resize(core_record.size() + limits::kSignature);
    REQUIRE(table.set_core(*member, HeldCore(core_record)));
    member->body = HeldBody(body_record, std::move(body));
    table.set_state(*member, MemberState::alive, Instant{});
  }
  const std::size_t bytes = in_use() - before;
  const std::size_t each = bytes / kMembers;
  MESSAGE(each, " bytes a member");
  CHECK(bytes < 10'000'000);

  const std::size_t before_second = in_use();
  MemberTable second(kMembers);
  second.reserve(kMembers);
  for (const Member* member : table.all()) REQUIRE(second.adopt(*member) != nullptr);
  const std::size_t shared = (in_use() - before_second) / kMembers;
  MESSAGE(shared, " bytes a member of a second table");
  CHECK(shared <= 84);
  CHECK(second.sum() == table.sum());
}
