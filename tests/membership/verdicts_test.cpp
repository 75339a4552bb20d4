// The authority's words as a set: what is news, what binds an id, what the digest makes of them, and the bounds.
#include "membership/verdicts.h"

#include "base/codec.h"
#include "crypto/announcement.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace quorumor;

namespace {

using Fit = Verdicts::Fit;

NodeId id_of(std::uint64_t n) {
  NodeId out{};
  store_le(out.data(), n * 0x9e3779b97f4a7c15ULL);  // spread, as the authority's are
  store_le(out.data() + 8, n);
  return out;
}

ByteVector padded(ByteVector content) {
  content.resize(content.size() + limits::kSignature);
  return content;
}

Revocation revocation(std::uint64_t n, std::uint64_t serial = 1, std::int64_t at = 0) {
  return {id_of(n), Serial{serial}, wall_from_seconds(at), ""};
}
ForceLeave force_leave(std::uint64_t n, std::uint64_t generation = 1, std::int64_t at = 0) {
  return {id_of(n), Generation{generation}, wall_from_seconds(at)};
}

Fit add(Verdicts& to, const Revocation& r) {
  const ByteVector content = encode_revocation(r);
  const Digest digest = revocation_digest(content);
  const Fit fit = to.judge(r, digest);
  if (fit == Fit::news) to.add(r, digest, padded(content));
  return fit;
}
Fit add(Verdicts& to, const ForceLeave& f) {
  const Fit fit = to.judge(f);
  if (fit == Fit::news) to.add(f, padded(encode_force_leave(f)));
  return fit;
}

}  // namespace

TEST_CASE("the greatest revoked serial of an id binds it, in whatever order they come; a greater one is free") {
  for (const bool swapped : {false, true}) {
    Verdicts v;
    CHECK(v.revoked_through(id_of(1)) == Serial{});
    CHECK_FALSE(v.is_revoked(id_of(1), Serial{}));
    CHECK(add(v, revocation(1, swapped ? 7 : 5)) == Fit::news);
    CHECK(add(v, revocation(1, swapped ? 5 : 7)) == Fit::news);
    CHECK(add(v, revocation(1, 5)) == Fit::known);
    CHECK(v.is_revoked(id_of(1), Serial{1}));
    CHECK(v.is_revoked(id_of(1), Serial{7}));
    CHECK_FALSE(v.is_revoked(id_of(1), Serial{8}));
    CHECK_FALSE(v.is_revoked(id_of(2), Serial{1}));
    CHECK(decode_revocation(v.revocation_of(id_of(1)).content()).value().serial == Serial{7});
    CHECK(v.revocations() == 2);
  }
  Verdicts v;
  CHECK(add(v, revocation(1, 0)) == Fit::known);  // says nothing
  CHECK(add(v, force_leave(1, 0)) == Fit::known);
}

TEST_CASE("a revocation that a greater serial has overtaken is still known by its digest") {
  Verdicts v;
  const Revocation early = revocation(1, 1), late = revocation(1, 2);
  const Digest digest = revocation_digest(encode_revocation(early));
  add(v, late);
  CHECK_FALSE(v.knows(digest));
  add(v, early);
  CHECK(v.knows(digest));
  NodeId half{};
  std::copy_n(digest.begin(), half.size(), half.begin());
  CHECK(decode_revocation(v.revocation_by_digest(half).content()).value() == early);
  CHECK(v.revocation_by_digest(id_of(4)).record.empty());
  Digest near = digest;
  near[31] ^= std::byte{1};
  CHECK_FALSE(v.knows(near));
}

TEST_CASE("of force-leaves only the greatest generation stays") {
  Verdicts v;
  CHECK(add(v, force_leave(1, 5)) == Fit::news);
  CHECK(add(v, force_leave(1, 5)) == Fit::known);
  CHECK(add(v, force_leave(1, 4)) == Fit::known);
  CHECK(add(v, force_leave(1, 6)) == Fit::news);
  CHECK(v.size() == 1);
  CHECK(v.force_left_through(id_of(1)) == Generation{6});
  CHECK(decode_force_leave(v.force_leave_of(id_of(1)).content()).value().generation == Generation{6});
  CHECK(v.force_left_through(id_of(2)) == Generation{});
  CHECK(v.force_leave_of(id_of(2)).record.empty());
}

TEST_CASE("equal sets have equal sums in whatever order they came, and any difference shows") {
  Verdicts a, b;
  for (std::uint64_t i = 1; i <= 50; ++i) {
    add(a, revocation(i));
    add(a, force_leave(i, 1));
    add(a, force_leave(i, 2));
  }
  for (std::uint64_t i = 50; i >= 1; --i) add(b, force_leave(i, 2));
  CHECK(a.sum() != b.sum());
  for (std::uint64_t i = 50; i >= 1; --i) add(b, revocation(i));
  CHECK(a.sum() == b.sum());
  add(a, revocation(99));
  CHECK(a.sum() != b.sum());
  add(b, force_leave(99));
  CHECK(a.sum() != b.sum());
  CHECK(Verdicts().sum() == DigestSum{});
}

TEST_CASE("every one of them can be walked to, revocations first") {
  Verdicts v;
  add(v, force_leave(1));
  add(v, revocation(2));
  add(v, revocation(3));
  REQUIRE(v.size() == 3);
  CHECK(v.at(0).kind == RumorKind::revocation);
  CHECK(v.at(1).kind == RumorKind::revocation);
  CHECK(v.at(2).kind == RumorKind::force_leave);
  CHECK(decode_force_leave(v.at(2).content()).value().id == id_of(1));
}

TEST_CASE("a flood of revocations stops at the bound, and pushes none out") {
  Verdicts v;
  for (std::uint64_t i = 1; i <= Verdicts::kRevocationsMax; ++i) REQUIRE(add(v, revocation(i)) == Fit::news);
  CHECK(add(v, revocation(Verdicts::kRevocationsMax + 1)) == Fit::full);
  CHECK(add(v, revocation(1)) == Fit::known);
  CHECK(v.revocations() == Verdicts::kRevocationsMax);
  bool all = true;
  for (std::uint64_t i = 1; i <= Verdicts::kRevocationsMax; ++i) all = all && v.is_revoked(id_of(i), Serial{1});
  CHECK(all);
}

TEST_CASE("of too many force-leaves the newest stay, the same ones whatever the order") {
  constexpr std::uint64_t kMost = Verdicts::kForceLeavesMax;
  Verdicts rising, falling;
  for (std::uint64_t i = 1; i <= kMost + 20; ++i) add(rising, force_leave(i, 1, static_cast<std::int64_t>(i)));
  for (std::uint64_t i = kMost + 20; i >= 1; --i) add(falling, force_leave(i, 1, static_cast<std::int64_t>(i)));
  for (const Verdicts* v : {&rising, &falling}) {
    CHECK(v->size() == kMost);
    CHECK(v->force_left_through(id_of(20)) == Generation{});
    CHECK(v->force_left_through(id_of(21)) == Generation{1});
    CHECK(v->force_left_through(id_of(kMost + 20)) == Generation{1});
  }
  CHECK(rising.sum() == falling.sum());
  CHECK(add(rising, force_leave(5, 1, 5)) == Fit::full);
}

TEST_CASE("the newest that no announcement has named are to be named next") {
  Verdicts v;
  for (std::uint64_t i = 1; i <= 40; ++i) add(v, revocation(i, 1, static_cast<std::int64_t>(i)));
  const auto first = v.unannounced(kAnnouncedRevocationsMax);
  REQUIRE(first.size() == kAnnouncedRevocationsMax);
  CHECK(first.front() == revocation_digest(encode_revocation(revocation(40, 1, 40))));
  CHECK(first.back() == revocation_digest(encode_revocation(revocation(25, 1, 25))));
  v.note_announced(first);
  const auto second = v.unannounced(kAnnouncedRevocationsMax);
  CHECK(second.front() == revocation_digest(encode_revocation(revocation(24, 1, 24))));
  v.note_announced(second);
  CHECK(v.unannounced(kAnnouncedRevocationsMax).size() == 8);
  v.note_announced(std::vector<Digest>{Digest{}});  // of one that is not held
}
