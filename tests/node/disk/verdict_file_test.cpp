// The file that must not forgive: it comes back whole or not at all, and never as another cluster's.
#include "node/core/verdict_file.h"

#include "helpers.h"

using namespace quorumor;
using namespace quorumor::test;

namespace {

ClusterId cluster_of(unsigned char n) {
  ClusterId out{};
  out[3] = std::byte{n};
  return out;
}

Verdicts make_verdicts(unsigned count) {
  Verdicts out;
  for (unsigned n = 1; n <= count; ++n) {
    const auto i = static_cast<unsigned char>(n);
    Revocation r;
    r.id.fill(std::byte{i});
    r.serial = Serial{i};
    r.reason = std::string(i % limits::kRevocationReason, 'x');
    ByteVector record = encode_revocation(r);
    const Digest digest = revocation_digest(record);
    record.resize(record.size() + limits::kSignature, std::byte{i});
    out.add(r, digest, std::move(record));
    ForceLeave f;
    f.id = r.id;
    f.generation = Generation{i};
    record = encode_force_leave(f);
    record.resize(record.size() + limits::kSignature, std::byte{i});
    out.add(f, std::move(record));
  }
  return out;
}

}  // namespace

TEST_CASE("verdicts come back as they were") {
  for (const unsigned count : {0U, 1U, 200U}) {
    CAPTURE(count);
    const Verdicts before = make_verdicts(count);
    const auto after = decode_verdicts(cluster_of(1), encode_verdicts(cluster_of(1), before));
    REQUIRE(after.has_value());
    REQUIRE(after.value().size() == before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      CHECK(after.value()[i].kind == before.at(i).kind);
      CHECK(equal(after.value()[i].record, before.at(i).record));
    }
    CHECK(encode_verdicts(cluster_of(1), before).size() <= kVerdictBytesMax);
  }
}

TEST_CASE("any cut, any flipped bit and anything appended is damage") {
  const ByteVector bytes = encode_verdicts(cluster_of(1), make_verdicts(2));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(decode_verdicts(cluster_of(1), Bytes(bytes).first(size)).error() == VerdictFileError::damaged);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ByteVector flipped = bytes;
    flipped[i] ^= std::byte{4};
    CHECK(decode_verdicts(cluster_of(1), flipped).error() == VerdictFileError::damaged);
  }
  ByteVector longer = bytes;
  longer.push_back(std::byte{});
  CHECK(decode_verdicts(cluster_of(1), longer).error() == VerdictFileError::damaged);
}

TEST_CASE("another cluster's is told apart from damage, and odd content is damage in spite of its checksum") {
  const ByteVector bytes = encode_verdicts(cluster_of(1), make_verdicts(1));
  CHECK(decode_verdicts(cluster_of(2), bytes).error() == VerdictFileError::wrong_cluster);
  const auto with = [&](std::size_t at, std::byte value) {
    ByteVector content(bytes.begin(), bytes.end() - 32);
    content[at] = value;
    const Digest checksum = hash("quorumor verdicts", {content});
    content.insert(content.end(), checksum.begin(), checksum.end());
    return decode_verdicts(cluster_of(1), content).error();
  };
  constexpr std::size_t kCount = 6 + 32, kKind = kCount + 4, kSize = kKind + 1;
  CHECK(with(kKind, std::byte{2}) == VerdictFileError::damaged);      // a core
  CHECK(with(kSize, std::byte{3}) == VerdictFileError::damaged);      // too short to be one
  CHECK(with(kCount, std::byte{9}) == VerdictFileError::damaged);     // more than there are
  CHECK(with(kCount + 3, std::byte{1}) == VerdictFileError::damaged); // more than there may be
  CHECK(with(0, std::byte{'X'}) == VerdictFileError::damaged);
}
