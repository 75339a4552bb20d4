#include "node/agent/seed_verdicts.h"

#include <algorithm>
#include <charconv>

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
      numeric_[*endpoint] = false;
      continue;
    }
    std::uint16_t port = 0;
    const std::size_t digits = seed.rfind(':') + 1;
    static_cast<void>(std::from_chars(seed.data() + digits, seed.data() + seed.size(), port));
    ++names_[port];
  }
}

void SeedVerdicts::note(const Endpoint& at, bool permanent) {
  if (const auto it = numeric_.find(at); it != numeric_.end()) {
    it->second = permanent;
  } else if (others_.size() < kEndpointsMax || others_.count(at) > 0) {
    others_[at] = permanent;
  }
}

void SeedVerdicts::refused(const Endpoint& by, Refusal refusal) { note(by, is_permanent(refusal)); }
void SeedVerdicts::failed(const Endpoint& at) { note(at, false); }

bool SeedVerdicts::all_refused() const {
  if (open_ended_ || (numeric_.empty() && names_.empty())) return false;
  const auto yes = [](const auto& entry) { return entry.second; };
  if (!std::all_of(numeric_.begin(), numeric_.end(), yes)) return false;
  for (const auto& [port, seeds] : names_) {
    std::size_t refusing = 0;
    for (const auto& [endpoint, permanent] : others_) {
      if (endpoint.port != port) continue;
      if (!permanent) return false;
      ++refusing;
    }
    if (refusing < seeds) return false;
  }
  return true;
}

}  // namespace quorumor
