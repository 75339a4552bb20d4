#include "node/agent/seed_verdicts.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace quorumor {

bool is_permanent(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::not_our_cluster:
    case Refusal::expired:
    case Refusal::revoked:
    case Refusal::bad_proof:
    case Refusal::unknown_version:
      return true;
    case Refusal::busy:
    case Refusal::not_yet_valid:
    case Refusal::no_ring:
    case Refusal::malformed:
      return false;
  }
  return false;
}

SeedVerdicts::SeedVerdicts(const std::vector<std::string>& seeds) {
  for (const std::string& seed : seeds) {
    if (const auto endpoint = Endpoint::parse(seed)) {
      numeric_[*endpoint] = {};
      continue;
    }
    std::uint16_t port = 0;
    const std::size_t digits = seed.rfind(':') + 1;
    static_cast<void>(std::from_chars(seed.data() + digits, seed.data() + seed.size(), port));
    ++names_[port];
  }
}

bool SeedVerdicts::note(const Endpoint& at, const Last& last) {
  auto it = numeric_.find(at);
  if (it == numeric_.end()) {
    it = others_.find(at);
    if (it == others_.end() && others_.size() >= kEndpointsMax) return true;
    if (it == others_.end()) it = others_.try_emplace(at).first;
  }
  return std::exchange(it->second, last) != last;
}

bool SeedVerdicts::refused(const Endpoint& by, Refusal refusal) { return note(by, {Answer::refused, refusal}); }
bool SeedVerdicts::failed(const Endpoint& at) { return note(at, {Answer::failed, Refusal::malformed}); }

bool SeedVerdicts::all_refused() const {
  if (open_ended_ || (numeric_.empty() && names_.empty())) return false;
  const auto yes = [](const auto& entry) { return entry.second.is_final(); };
  if (!std::all_of(numeric_.begin(), numeric_.end(), yes)) return false;
  for (const auto& [port, seeds] : names_) {
    std::size_t refusing = 0;
    for (const auto& [endpoint, last] : others_) {
      if (endpoint.port != port) continue;
      if (!last.is_final()) return false;
      ++refusing;
    }
    if (refusing < seeds) return false;
  }
  return true;
}

}  // namespace quorumor
