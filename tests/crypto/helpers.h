// What the tests of this room share: vectors as arrays, fixed keys, and children that are expected to abort.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "crypto/drbg.h"
#include "crypto/sign.h"
#include "support/vectors.h"

namespace quorumor::test {

template <std::size_t N>
ByteArray<N> array_of(Bytes bytes) {
  REQUIRE(bytes.size() == N);
  ByteArray<N> out;
  std::memcpy(out.data(), bytes.data(), N);
  return out;
}

template <std::size_t N>
ByteArray<N> array_at(const Vectors& vectors, const std::string& name) {
  return array_of<N>(vectors.at(name));
}

// A generator whose stream the label fixes, so that every run of a test is the same run.
inline Drbg test_rng(std::string_view label) {
  static constexpr ByteArray<32> kSeed{};
  return Drbg(kSeed, label);
}

inline SigningKey test_key(std::string_view label) {
  auto rng = test_rng(label);
  return SigningKey::generate(rng);
}

inline Digest test_digest(std::string_view label) { return hash("quorumor test", {as_bytes(label)}); }

inline ByteVector with_bit_flipped(Bytes bytes, std::size_t bit) {
  ByteVector out = to_vector(bytes);
  out[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  return out;
}

// A valid encoding with one to three bytes replaced, sometimes cut or lengthened: what fuzzers find first.
inline ByteVector mutated(Bytes valid, Rng& rng) {
  ByteVector out = to_vector(valid);
  for (std::uint64_t n = 1 + rng.below(3); n > 0; --n) {
    out[static_cast<std::size_t>(rng.below(out.size()))] = static_cast<std::byte>(rng.below(256));
  }
  if (rng.below(4) == 0) out.resize(static_cast<std::size_t>(rng.below(out.size() + 8)));
  return out;
}

inline ByteVector random_bytes(Rng& rng, std::size_t size_max) {
  ByteVector out(static_cast<std::size_t>(rng.below(size_max + 1)));
  rng.fill(out);
  return out;
}

// True if `action` ends its process by abort: how broken preconditions show.
template <class Action>
bool aborts(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // doctest installs its own
    close(STDERR_FILENO);
    action();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace quorumor::test
