#include "sim/rounds/rounds.h"

#include "crypto/drbg.h"

#include <vector>

namespace quorumor::sim {
namespace {

constexpr std::uint32_t kMillion = 1'000'000;

class Spreading {
 public:
  Spreading(Spread spread, const RoundsSetting& setting, Rng& rng)
      : pushes_(spread != Spread::pull), pulls_(spread != Spread::push), setting_(setting), rng_(rng),
        knows_(setting.nodes, 0) {
    knows_[0] = 1;
  }

  bool is_complete() const noexcept { return known_ == setting_.nodes; }

  void take_round() {
    before_ = knows_;
    for (std::size_t caller = 0; caller < setting_.nodes; ++caller) {
      const bool calls = before_[caller] != 0 ? pushes_ : pulls_;
      for (unsigned call = 0; calls && call < setting_.fanout; ++call) take_call(caller);
    }
  }

 private:
  void take_call(std::size_t caller) {
    auto other = static_cast<std::size_t>(rng_.below(setting_.nodes - 1));
    other += other >= caller ? 1 : 0;
    if (setting_.loss_ppm != 0 && rng_.below(kMillion) < setting_.loss_ppm) return;
    if (before_[caller] != 0) {
      learn(other);
    } else if (before_[other] != 0) {
      learn(caller);
    }
  }

  void learn(std::size_t member) {
    known_ += knows_[member] == 0 ? 1 : 0;
    knows_[member] = 1;
  }

  const bool pushes_, pulls_;
  const RoundsSetting& setting_;
  Rng& rng_;
  std::vector<std::uint8_t> knows_, before_;
  std::size_t known_ = 1;
};

}  // namespace

std::string_view to_string(Spread spread) noexcept {
  switch (spread) {
    case Spread::push: return "push";
    case Spread::pull: return "pull";
    case Spread::push_pull: return "push-pull";
  }
  return "?";
}

std::optional<unsigned> rounds_to_all(Spread spread, const RoundsSetting& setting, std::uint64_t seed) {
  ByteArray<32> bytes{};
  store_le<std::uint64_t>(bytes.data(), seed);
  Drbg rng(bytes, to_string(spread));
  Spreading spreading(spread, setting, rng);
  for (unsigned rounds = 1; rounds <= RoundsSetting::kRoundsMost; ++rounds) {
    spreading.take_round();
    if (spreading.is_complete()) return rounds;
  }
  return std::nullopt;
}

}  // namespace quorumor::sim
