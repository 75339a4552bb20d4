#include "crypto/authorities.h"

#include "crypto/authority.h"
#include "bundle_checks.h"

namespace quorumor {
namespace {

using Fit = Authorities::Fit;

const WallTime kAt = wall_from_seconds(1'800'000'000);

struct Chain {
  SigningKey root = test::test_key("root");
  ClusterId cluster = make_cluster_id(root.public_key(), "lan");
  Authorities held{root.public_key(), cluster};

  ByteVector endorse(const SigningKey& by, const SigningKey& key) const {
    return sign_endorsement(by, cluster, {key.public_key(), kAt});
  }
  bool counts(const SigningKey& key) const {
    const auto content = as_bytes("content");
    return held.verify(SignDomain::revocation, content, key.sign(SignDomain::revocation, cluster, content));
  }
};

SigningKey standby(int i) { return test::test_key("standby " + std::to_string(i)); }

TEST_CASE("an endorsement comes back as it was, and nothing but an exact encoding is one") {
  const Endorsement e{standby(1).public_key(), kAt};
  const ByteVector bytes = encode_endorsement(e);
  CHECK(bytes.size() == kEndorsementContent);
  CHECK(decode_endorsement(bytes) == e);
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_endorsement(Bytes(bytes).first(size)));
  ByteVector wrong = bytes;
  wrong.push_back(std::byte{0});
  CHECK_FALSE(decode_endorsement(wrong));
  wrong = bytes;
  wrong[0] = std::byte{2};
  CHECK_FALSE(decode_endorsement(wrong));  // a later version
  wrong = bytes;
  std::fill_n(wrong.begin() + 1, 32, std::byte{0});
  CHECK_FALSE(decode_endorsement(wrong));  // a key of small order: anybody could sign for it
  for (const std::int64_t at : {std::int64_t{-1}, unix_millis(kEndorsementTimeMax) + 1}) {
    wrong = bytes;
    store_le<std::uint64_t>(&wrong[33], static_cast<std::uint64_t>(at));
    CHECK_FALSE(decode_endorsement(wrong));
  }
}

TEST_CASE("an endorsed key speaks for the cluster as the root does; another never does") {
  Chain c;
  CHECK(c.counts(c.root));
  CHECK_FALSE(c.counts(standby(1)));
  CHECK(c.held.endorse(c.endorse(c.root, standby(1))) == Fit::news);
  CHECK(c.counts(c.root));
  CHECK(c.counts(standby(1)));
  CHECK_FALSE(c.counts(standby(2)));
  CHECK(c.held.holds(c.root.public_key()));
  CHECK(c.held.holds(standby(1).public_key()));
  CHECK_FALSE(c.held.holds(standby(2).public_key()));
}

TEST_CASE("a chain: each link needs the one before it, in whatever order they are handed over") {
  Chain c;
  const std::vector<ByteVector> links = {c.endorse(c.root, standby(1)), c.endorse(standby(1), standby(2)),
                                         c.endorse(standby(2), standby(3)), c.endorse(standby(3), standby(4))};
  CHECK(c.held.endorse(links[1]) == Fit::refused);
  CHECK(c.held.endorsements().empty());
  const std::vector<ByteVector> reversed(links.rbegin(), links.rend());
  CHECK(c.held.endorse_all(reversed));
  CHECK(c.held.endorsements() == links);  // in an order that can be taken in one go
  CHECK(c.counts(standby(4)));

  Authorities without(c.root.public_key(), c.cluster);
  CHECK_FALSE(without.endorse_all(std::vector<ByteVector>{links[0], links[2], links[3]}));
  CHECK(without.endorsements().size() == 1);
  CHECK(without.endorse_all({}));
}

TEST_CASE("what is held already is known, whoever signed it; the root needs nobody's word") {
  Chain c;
  REQUIRE(c.held.endorse(c.endorse(c.root, standby(1))) == Fit::news);
  CHECK(c.held.endorse(c.endorse(c.root, standby(1))) == Fit::known);
  CHECK(c.held.endorse(sign_endorsement(standby(1), c.cluster, {standby(1).public_key(), kAt})) == Fit::known);
  CHECK(c.held.endorse(c.endorse(standby(1), c.root)) == Fit::known);
  CHECK(c.held.endorsements().size() == 1);
}

TEST_CASE("the fifth is refused, whoever signs it") {
  Chain c;
  for (int i = 1; i <= 4; ++i) {
    CHECK_FALSE(c.held.full());
    CHECK(c.held.endorse(c.endorse(c.root, standby(i))) == Fit::news);
  }
  CHECK(c.held.full());
  CHECK(c.held.endorse(c.endorse(c.root, standby(5))) == Fit::full);
  CHECK(c.held.endorse(c.endorse(standby(4), standby(5))) == Fit::full);
  CHECK_FALSE(c.counts(standby(5)));
  CHECK(c.held.endorse(c.endorse(c.root, standby(4))) == Fit::known);
}

TEST_CASE("a forged, foreign or damaged endorsement changes nothing") {
  Chain c;
  const SigningKey stranger = test::test_key("stranger");
  CHECK(c.held.endorse(c.endorse(stranger, stranger)) == Fit::refused);  // by itself
  CHECK(c.held.endorse(c.endorse(stranger, standby(1))) == Fit::refused);
  const ClusterId other = make_cluster_id(c.root.public_key(), "wan");
  CHECK(c.held.endorse(sign_endorsement(c.root, other, {standby(1).public_key(), kAt})) == Fit::refused);
  // The root's signature over the same bytes for another purpose.
  const ByteVector content = encode_endorsement({standby(1).public_key(), kAt});
  const Signature other_purpose = c.root.sign(SignDomain::revocation, c.cluster, content);
  CHECK(c.held.endorse(join_record(content, other_purpose)) == Fit::refused);

  const ByteVector good = c.endorse(c.root, standby(1));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    CHECK(c.held.endorse(test::with_bit_flipped(good, bit)) == Fit::refused);
  }
  for (std::size_t size = 0; size < good.size(); ++size) CHECK(c.held.endorse(Bytes(good).first(size)) == Fit::refused);
  CHECK(c.held.endorsements().empty());
}

// --- bundles of a standby ----------------------------------------------------------------------------------------

Bundle bundle_of(const Chain& c, const SigningKey& by, std::vector<ByteVector> endorsements) {
  Credential credential;
  credential.id[0] = std::byte{1};
  credential.identity = test::test_key("identity").public_key();
  credential.serial = Serial{1};
  credential.not_before = wall_from_seconds(1);
  credential.not_after = wall_from_seconds(2);
  credential.name = "n";
  return {c.root.public_key(), "lan", issue_credential(by, c.cluster, credential), std::move(endorsements)};
}

TEST_CASE("a standby's bundle: there and back, and the cluster is the root's") {
  const Chain c;
  const std::vector<ByteVector> links = {c.endorse(c.root, standby(1)), c.endorse(standby(1), standby(2))};
  const ByteVector bytes = encode_bundle(bundle_of(c, standby(2), links));
  CHECK(as_text(Bytes(bytes).first(6)) == "QBNDL2");
  const auto back = decode_bundle(bytes);
  REQUIRE(back);
  CHECK(back.value().cluster() == c.cluster);
  CHECK(back.value().authority == c.root.public_key());
  CHECK(back.value().endorsements == links);
  CHECK(encode_bundle(back.value()) == bytes);
  CHECK(as_text(Bytes(encode_bundle(bundle_of(c, c.root, {}))).first(6)) == "QBNDL1");
}

TEST_CASE("a standby's bundle: every truncation, every flipped bit and every added byte is refused") {
  const Chain c;
  const ByteVector bytes =
      encode_bundle(bundle_of(c, standby(2), {c.endorse(c.root, standby(1)), c.endorse(standby(1), standby(2))}));
  test::check_is_exact(bytes);
}

TEST_CASE("a standby's bundle: signed by nobody of the chain, a chain that is none, more or fewer than may be") {
  const Chain c;
  const std::vector<ByteVector> links = {c.endorse(c.root, standby(1)), c.endorse(standby(1), standby(2))};
  const auto error = [&](const Bundle& b) { return decode_bundle(encode_bundle(b)).error(); };
  CHECK(error(bundle_of(c, standby(3), links)) == CredentialError::bad_signature);
  CHECK(error(bundle_of(c, standby(1), {})) == CredentialError::bad_signature);
  CHECK(error(bundle_of(c, standby(2), {links[1], links[0]})) == CredentialError::bad_signature);  // not in order
  CHECK(error(bundle_of(c, standby(2), {links[0], links[0]})) == CredentialError::bad_signature);
  CHECK(error(bundle_of(c, standby(2), {links[1]})) == CredentialError::bad_signature);
  const SigningKey stranger = test::test_key("stranger");
  CHECK(error(bundle_of(c, stranger, {c.endorse(stranger, stranger)})) == CredentialError::bad_signature);

  ByteVector bytes = encode_bundle(bundle_of(c, standby(2), links));
  const std::size_t count_at = 6 + 32 + 1 + 3;
  REQUIRE(bytes[count_at] == std::byte{2});
  for (const unsigned count : {0U, 1U, 3U, 5U, 255U}) {
    bytes[count_at] = static_cast<std::byte>(count);
    CHECK_FALSE(decode_bundle(bytes));
  }
}

TEST_CASE("a standby's bundle: the largest fits its limit exactly") {
  const Chain c;
  std::vector<ByteVector> links;
  for (int i = 1; i <= 4; ++i) links.push_back(c.endorse(c.root, standby(i)));
  Bundle b = bundle_of(c, standby(4), links);
  CHECK(decode_bundle(encode_bundle(b)));
  b.label = std::string(kNameMax, 'l');
  b.credential.content.assign(kCredentialContentMax, std::byte{0});
  CHECK(encode_bundle(b).size() == kBundleMax);
}

}  // namespace
}  // namespace quorumor
