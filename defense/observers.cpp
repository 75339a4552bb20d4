#include "defense/observers.h"

#include <algorithm>

namespace quorumor {
namespace {

// The order: by value, then by id.
struct Before {
  const Population& population;
  bool operator()(const Observers::Ranked& a, const Observers::Ranked& b) const noexcept {
    return a.value != b.value ? a.value < b.value : population.id(a.slot) < population.id(b.slot);
  }
};

}  // namespace

ByteArray<16> Observers::key_of(const Digest& seed, const NodeId& subject) noexcept {
  ByteArray<16> key;
  keyed_hash(key, seed, "quorumor observers", {subject});
  return key;
}

std::span<const Observers::Ranked> Observers::best(const NodeId& subject, std::size_t count) {
  Ranking& ranking = rankings_[ranking_of(subject, count + kSpare)];
  ranking.used = ++clock_;
  const auto suffices = [&] { return ranking.whole || ranking.prefix.size() >= count; };
  if (ranking.capacity < count || !catch_up(ranking) || !suffices()) scan(ranking, count + kSpare);
  return std::span(ranking.prefix).first(std::min(count, ranking.prefix.size()));
}

std::size_t Observers::rankings_max(std::size_t capacity) const noexcept {
  return std::clamp<std::size_t>(kEntries / std::max<std::size_t>(capacity, 1), 1, kSubjects);
}

// Finds the subject's ranking, or makes an empty one (which `capacity` 0 marks), in place of the one used longest ago
// when there are too many. Looking for that one is linear, and nothing beside the scan that follows.
std::size_t Observers::ranking_of(const NodeId& subject, std::size_t capacity) {
  while (rankings_.size() > rankings_max(capacity)) {  // a greater capacity leaves room for fewer
    index_.erase(rankings_.back().subject);
    rankings_.pop_back();
  }
  if (const auto found = index_.find(subject); found != index_.end()) return found->second;
  std::size_t at = rankings_.size();
  if (at < rankings_max(capacity)) {
    rankings_.emplace_back();
  } else {
    const auto oldest = std::min_element(rankings_.begin(), rankings_.end(),
                                         [](const Ranking& a, const Ranking& b) { return a.used < b.used; });
    index_.erase(oldest->subject);
    at = static_cast<std::size_t>(oldest - rankings_.begin());
  }
  index_.emplace(subject, at);
  rankings_[at].subject = subject;
  rankings_[at].key = key_of(seed_, subject);
  rankings_[at].capacity = 0;
  return at;
}

bool Observers::is_far(const NodeId& subject, const NodeId& member, std::size_t count) const noexcept {
  const auto found = index_.find(subject);
  const std::uint64_t value =
      siphash(found != index_.end() ? rankings_[found->second].key : key_of(seed_, subject), member);
  // Its expected rank is value / 2^64 of the population, which has fewer than 2^32 members.
  return ((value >> 32) * population_.size()) >> 32 > 2 * count + 64;
}

// Keeps up to twice the capacity, and whenever that is full lets nth_element drop the worse half: linear in all.
void Observers::scan(Ranking& ranking, std::size_t capacity) {
  ++full_scans_;
  const Before before{population_};
  scratch_.clear();
  scratch_.reserve(2 * capacity);
  const auto cut = [&] {
    std::nth_element(scratch_.begin(), scratch_.begin() + static_cast<std::ptrdiff_t>(capacity), scratch_.end(),
                     before);
    scratch_.resize(capacity);
  };
  std::uint64_t limit = ~std::uint64_t{0};  // nothing above it can be kept
  std::size_t others = 0;
  for (std::size_t i = 0; i < population_.slots(); ++i) {
    const auto slot = static_cast<Population::Slot>(i);
    if (!population_.is_used(slot) || population_.id(slot) == ranking.subject) continue;
    ++others;
    const std::uint64_t value = siphash(ranking.key, population_.id(slot));
    if (value > limit) continue;
    if (scratch_.size() == 2 * capacity) {
      cut();
      limit = std::max_element(scratch_.begin(), scratch_.end(), before)->value;
    }
    scratch_.push_back({value, slot});
  }
  if (scratch_.size() > capacity) cut();
  std::sort(scratch_.begin(), scratch_.end(), before);
  ranking.prefix.reserve(std::min(capacity, others) + 1);
  ranking.prefix.assign(scratch_.begin(), scratch_.end());
  ranking.whole = others == ranking.prefix.size();
  ranking.capacity = capacity;
  ranking.version = population_.version();
}

// Into its place among the best, if it has one; the worst goes when there is no room.
void Observers::insert(Ranking& ranking, const NodeId& id, Population::Slot slot) {
  auto& prefix = ranking.prefix;
  const Ranked entry{siphash(ranking.key, id), slot};
  const auto place = std::lower_bound(prefix.begin(), prefix.end(), entry, Before{population_});
  if (place == prefix.end() && !ranking.whole) return;
  prefix.insert(place, entry);
  if (prefix.size() <= ranking.capacity) return;
  prefix.pop_back();
  ranking.whole = false;
}

// False if the journal no longer reaches back. In between, entries may name slots that now have other members; a
// departure names its slot before that is used again, so replaying in order removes each.
bool Observers::catch_up(Ranking& ranking) {
  const std::uint64_t newest = population_.version();
  if (newest - ranking.version > Population::kJournal) return false;
  for (; ranking.version < newest; ++ranking.version) {
    const Population::Change& change = population_.change(ranking.version);
    if (change.id == ranking.subject) continue;
    if (change.joined) {
      insert(ranking, change.id, change.slot);
      continue;
    }
    auto& prefix = ranking.prefix;
    const auto gone = std::find_if(prefix.begin(), prefix.end(),
                                   [&](const Ranked& entry) { return entry.slot == change.slot; });
    if (gone != prefix.end()) prefix.erase(gone);
  }
  return true;
}

}  // namespace quorumor
