#include "crypto/secret.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "helpers.h"

namespace quorumor {
namespace {

static_assert(!std::is_copy_constructible_v<Secret<32>> && !std::is_copy_assignable_v<Secret<32>>);
static_assert(std::is_nothrow_move_constructible_v<Secret<32>>);

ByteArray<32> pattern(unsigned byte) {
  ByteArray<32> out;
  out.fill(static_cast<std::byte>(byte));
  return out;
}

bool is_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

TEST_CASE("a fresh secret is zero, also where another one was") {
  for (int round = 0; round < 3; ++round) {
    std::vector<Secret<32>> held;
    for (int i = 0; i < 3000; ++i) {  // more than one slab
      held.push_back(Secret<32>::zeroed());
      REQUIRE(is_zero(held.back().bytes()));
      std::memset(held.back().data(), 0xee, 32);
    }
  }
}

TEST_CASE("a released secret's bytes are gone at once") {
  auto secret = Secret<64>::zeroed();
  std::memset(secret.data(), 0xee, 64);
  const unsigned char* where = secret.data();
  secret.reset();
  CHECK_FALSE(secret);
  // The slab stays mapped; the slot's first bytes link the free list, the rest must be zero.
  CHECK(std::all_of(where + sizeof(void*), where + 64, [](unsigned char c) { return c == 0; }));
}

TEST_CASE("moving moves, cloning copies, resetting is idempotent") {
  auto a = Secret<32>::copy_of(pattern(7));
  auto b = std::move(a);
  CHECK_FALSE(a);  // NOLINT: a moved-from secret holds nothing, by contract
  CHECK(equal(b.bytes(), pattern(7)));
  const auto c = b.clone();
  CHECK(c.data() != b.data());
  b.reset();
  b.reset();
  CHECK(equal(c.bytes(), pattern(7)));
  CHECK_FALSE(Secret<32>{}.clone());

  auto d = Secret<32>::copy_of(pattern(8));
  auto& alias = d;
  d = std::move(alias);
  CHECK(equal(d.bytes(), pattern(8)));
  d = c.clone();
  CHECK(equal(d.bytes(), pattern(7)));
}

template <std::size_t N>
void check_disjoint() {
  std::vector<Secret<N>> held;
  std::set<const unsigned char*> starts;
  for (int i = 0; i < 600; ++i) {
    held.push_back(Secret<N>::zeroed());
    std::memset(held.back().data(), i & 0xff, N);
    starts.insert(held.back().data());
  }
  for (int i = 0; i < 600; ++i) {
    const unsigned char* bytes = held[static_cast<std::size_t>(i)].data();
    REQUIRE(std::all_of(bytes, bytes + N, [&](unsigned char c) { return c == (i & 0xff); }));
    REQUIRE(reinterpret_cast<std::uintptr_t>(bytes) % 16 == 0);
  }
  CHECK(starts.size() == 600);
}

TEST_CASE("secrets of every size class are aligned and do not overlap") {
  check_disjoint<1>();
  check_disjoint<32>();
  check_disjoint<33>();
  check_disjoint<64>();
  check_disjoint<65>();
  check_disjoint<128>();
  check_disjoint<129>();
  check_disjoint<256>();
}

TEST_CASE("released slots are reused: keys that come and go do not grow the process") {
  std::set<const unsigned char*> seen;
  for (int i = 0; i < 100000; ++i) seen.insert(Secret<256>::zeroed().data());
  CHECK(seen.size() == 1);
}

TEST_CASE("threads may take and release secrets at the same time") {
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([t, &wrong] {
      std::vector<Secret<32>> held;
      for (int i = 0; i < 20000; ++i) {
        held.push_back(Secret<32>::copy_of(pattern(t)));
        if (held.size() == 50) held.erase(held.begin(), held.begin() + 25);
        if (!equal(held.front().bytes(), pattern(t))) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("constant-time comparison compares") {
  CHECK(equal_constant_time({}, {}));
  CHECK(equal_constant_time(as_bytes("abc"), as_bytes("abc")));
  CHECK_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("abd")));
  CHECK_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST_CASE("wipe zeroes") {
  auto bytes = pattern(9);
  wipe(MutableBytes(bytes).first(31));
  CHECK(is_zero(Bytes(bytes).first(31)));
  CHECK(bytes[31] == std::byte{9});
  wipe({});
}

}  // namespace
}  // namespace quorumor
