// What an observer without the epoch's keys sees of many frames of equal content: type, epoch tag, size, and
// otherwise noise. No id, counter, length, boot or receiver shows, neither in a frame nor between two.
#include <doctest/doctest.h>

#include <array>

#include "wire/frames/fixture.h"

namespace quorumor {
namespace {

using test::Pair;

constexpr std::size_t kFrames = 4000;
// Chi-square with 255 degrees of freedom has mean 255 and deviation 22.6; beyond 395, six deviations, noise comes
// once in ten million positions. Seeds are fixed, so the verdict is too. A position that repeats gives a million.
constexpr double kThreshold = 395;
constexpr std::size_t kInClear = 5;  // type and epoch tag

double chi_square(const std::vector<ByteVector>& frames, std::size_t position) {
  std::array<double, 256> count{};
  for (const ByteVector& frame : frames) ++count[static_cast<std::size_t>(frame[position])];
  const double expected = static_cast<double>(frames.size()) / 256;
  double sum = 0;
  for (const double n : count) sum += (n - expected) * (n - expected) / expected;
  return sum;
}

std::vector<ByteVector> differences(const std::vector<ByteVector>& frames, std::size_t distance) {
  std::vector<ByteVector> out;
  for (std::size_t i = distance; i < frames.size(); ++i) {
    ByteVector mixed = frames[i];
    for (std::size_t at = 0; at < mixed.size(); ++at) mixed[at] ^= frames[i - distance][at];
    out.push_back(std::move(mixed));
  }
  return out;
}

void check_noise(const std::vector<ByteVector>& frames) {
  for (std::size_t at = 0; at < frames.front().size(); ++at) {
    CAPTURE(at);
    if (at < kInClear) {
      CHECK(chi_square(frames, at) > 1000 * kThreshold);  // the measure sees what does not change
    } else {
      CHECK(chi_square(frames, at) < kThreshold);
    }
  }
}

void check_unlinkable(const std::vector<ByteVector>& frames) {
  REQUIRE(frames.size() == kFrames);
  check_noise(frames);
  for (const std::size_t distance : {1U, 2U}) check_noise(differences(frames, distance));
}

TEST_CASE("disguise: short frames of one sender to one receiver") {
  for (const Suite suite : {Suite::chacha20_poly1305, Suite::aes256_gcm}) {
    Pair p({{"one", suite}});
    std::vector<ByteVector> frames;
    while (frames.size() < kFrames) frames.push_back(p.a.seal_for(p.b, p.entry(), "the same each time"));
    check_unlinkable(frames);
  }
}

TEST_CASE("disguise: frames without any content") {
  Pair p;
  std::vector<ByteVector> frames;
  while (frames.size() < kFrames) frames.push_back(p.a.seal_for(p.b, p.entry(), ""));
  check_unlinkable(frames);
}

// Long frames: the nonce is in the clear, so it is fresh as a whole; a prefix kept for a boot would show here.
TEST_CASE("disguise: long frames of one sender") {
  Pair p;
  auto rng = test::test_rng("introductions");
  std::vector<ByteVector> frames;
  ByteArray<limits::kDatagram> out;
  while (frames.size() < kFrames) {
    Nonce192 nonce;
    rng.fill(nonce);
    frames.push_back(to_vector(seal_long(out, as_bytes("a core and a credential"), nonce, p.b.id, p.entry().secrets)));
  }
  check_unlinkable(frames);
}

}  // namespace
}  // namespace quorumor
