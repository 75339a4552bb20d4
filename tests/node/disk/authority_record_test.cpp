#include "node/cli/authority_record.h"

#include "authority_fixture.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

struct Fixture {
  Drbg rng = make_rng();
  SigningKey authority = SigningKey::generate(rng);
  Revocation revocation() const {
    Revocation out;
    out.id.fill(std::byte{7});
    out.serial = Serial{1'800'000'000};
    out.at = wall_from_seconds(1'800'000'000);
    out.reason = "stolen";
    return out;
  }
};

}  // namespace

TEST_CASE("an order comes back as it was, and its rumor verifies") {
  Fixture f;
  const ForceLeave leave{{}, Generation{~std::uint64_t{0}}, wall_from_seconds(1'800'000'000)};
  const std::variant<Revocation, ForceLeave> orders[] = {f.revocation(), leave};
  for (const auto& order : orders) {
    const AuthorityRecord made = sign_record(f.authority, "prod/dc1", order);
    const auto read = decode_record(encode_record(made), "F");
    REQUIRE_MESSAGE(read.has_value(), message_of(read));
    CHECK(read.value().what == order);
    CHECK(read.value().label == "prod/dc1");
    CHECK(read.value().cluster() == make_cluster_id(f.authority.public_key(), "prod/dc1"));
    CHECK(read.value().rumor() == made.rumor());
    CHECK(is_record_size(read.value().kind(), made.rumor().size()));
  }
}

TEST_CASE("no byte of an order can change, be cut or be added unnoticed") {
  Fixture f;
  check_is_exact(encode_record(sign_record(f.authority, "t", f.revocation())));
}

TEST_CASE("signed by another than it names") {
  Fixture f;
  AuthorityRecord forged = sign_record(SigningKey::generate(f.rng), "t", f.revocation());
  forged.authority = f.authority.public_key();
  check_message(message_of(decode_record(encode_record(forged), "F")), {"not signed by the authority that it names"});
}
