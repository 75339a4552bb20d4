#include "node/core/joiner.h"

#include "membership/suspicion.h"

#include <algorithm>

namespace quorumor {

void Joiner::add_seeds(std::span<const Endpoint> endpoints, bool remembered) {
  for (const Endpoint& e : endpoints) {
    const bool own = std::find(s_.advertise.begin(), s_.advertise.end(), e) != s_.advertise.end();
    if (own || e.is_unusable()) continue;
    const auto known = std::find_if(seeds_.begin(), seeds_.end(), [&](const Seed& s) { return s.endpoint == e; });
    if (known != seeds_.end()) {
      known->remembered = known->remembered && remembered;
      known->next_try = s_.now;
    } else if (seeds_.size() < kSeedsMax) {
      seeds_.push_back({e, remembered, s_.now, 500ms});
    }
  }
}

bool Joiner::is_member(const Endpoint& endpoint) const {
  for (const auto& m : s_.table.all()) {
    if (m->is_live() && m->contact->proven == endpoint) return true;
  }
  return false;
}

// From half of it to all: those that a busy seed turned away together do not come back together.
Duration Joiner::spread(Duration wait) {
  const auto half = static_cast<std::uint64_t>(wait.count() / 2);
  return wait - Duration{static_cast<std::int64_t>(s_.secret_rng.below(half + 1))};
}

void Joiner::on_timer(std::optional<Instant> differs_since) {
  if (s_.leaving || s_.silent) return;
  for (Seed& seed : seeds_) {
    if (s_.now < seed.next_try) continue;
    if (s_.joined && (seed.remembered || is_member(seed.endpoint))) {
      seed.next_try = s_.now + s_.config.rejoin_interval;
      continue;
    }
    seed.next_try = s_.now + spread(std::max(seed.backoff, s_.joined ? s_.config.rejoin_interval : Duration{}));
    seed.backoff = std::min<Duration>(seed.backoff * 2, 10s);
    sessions_.dial(seed.endpoint, Sessions::Purpose::join);
  }
  const auto at = sync_at(differs_since);
  if (at && s_.now >= *at) sync_with_somebody();
  if (s_.joined && s_.now >= seek_lost_at_) seek_the_lost();
  if (s_.joined && s_.now >= seek_at_) seek_witness();
}

// Any member that can be reached at all, whatever its state: those of another chain cannot be heard until it is ours.
void Joiner::seek_witness() {
  const auto pause = s_.grafts.pause(s_.now);
  if (!pause) return;
  seek_at_ = s_.now + *pause;
  s_.grafts.note_try();
  const Member* whom = nullptr;
  std::uint64_t seen = 0;
  for (const auto& m : s_.table.all()) {
    if (m == s_.self || m->state == MemberState::left || m->state == MemberState::evicted) continue;
    if (endpoint_of(s_, *m) && s_.secret_rng.below(++seen) == 0) whom = m;
  }
  if (whom != nullptr) sessions_.dial(*endpoint_of(s_, *whom), Sessions::Purpose::sync);
}

// Each of the lost is dialled about as often as one member's turn comes, whatever the size of the cluster: everybody
// tries with the chance that lost and living leave it. Who is alone always tries.
void Joiner::seek_the_lost() {
  const auto interval = static_cast<std::uint64_t>(s_.config.rejoin_interval.count());
  const bool first = seek_lost_at_ == Instant{};  // its id says when its turns are: members do not dial in step
  seek_lost_at_ = s_.now + Duration{static_cast<std::int64_t>(first ? id_prefix(s_.id()) % interval : interval)};
  if (first) return;
  std::vector<const Member*> lost;
  for (const Member* m : s_.table.unsettled()) {
    const bool is_lost = m->state == MemberState::dead || m->state == MemberState::unreachable;
    if (is_lost && endpoint_of(s_, *m)) lost.push_back(m);
  }
  for (std::size_t tries = 0; tries < kLostDialled && !lost.empty(); ++tries) {
    if (s_.secret_rng.below(s_.live) >= lost.size()) continue;
    const auto pick = lost.begin() + static_cast<std::ptrdiff_t>(s_.secret_rng.below(lost.size()));
    sessions_.dial(*endpoint_of(s_, **pick), Sessions::Purpose::sync);
    lost.erase(pick);
  }
}

void Joiner::sync_with(const NodeId& peer) {
  const auto is_too_soon = [&](const Member& m) {
    return m.contact->synced_at && s_.now - *m.contact->synced_at < 1s;
  };
  Member* member = s_.table.find(peer);
  if (member == nullptr || !s_.joined || is_too_soon(*member)) return;
  const auto endpoint = endpoint_of(s_, *member);
  if (!endpoint) return;
  member->contact.own().synced_at = s_.now;
  sessions_.dial(*endpoint, Sessions::Purpose::sync);
}

bool Joiner::needs_syncs() const noexcept {
  return s_.synced_with.size() < std::min(CoreState::kSyncsToDeclare, s_.live - 1);
}

std::optional<Instant> Joiner::sync_at(std::optional<Instant> differs_since) const {
  if (!s_.joined) return std::nullopt;
  const Duration patience = s_.config.sync_patience * sync_scale(s_.live);
  if (needs_syncs()) return last_sync_ ? *last_sync_ + s_.config.sync_patience / 4 : s_.now;
  if (!differs_since) return std::nullopt;
  return (last_sync_ ? std::max(*differs_since, *last_sync_) : *differs_since) + patience;
}

// With a member that chance picks, not with whoever showed the difference, and with each at most once an interval.
void Joiner::sync_with_somebody() {
  last_sync_ = s_.now;
  const auto& all = s_.table.all();
  const auto usable = [&](const Member& m) {
    const bool recently = m.contact->synced_at && s_.now - *m.contact->synced_at < s_.config.sync_interval;
    return &m != s_.self && m.is_live() && m.contact->proven && !recently;
  };
  std::size_t candidates = 0;
  for (const auto& m : all) candidates += usable(*m) ? 1 : 0;
  if (candidates == 0) return;
  std::size_t pick = static_cast<std::size_t>(s_.secret_rng.below(candidates));
  for (const auto& m : all) {
    if (!usable(*m)) continue;
    if (pick-- == 0) {
      m->contact.own().synced_at = s_.now;
      sessions_.dial(*m->contact->proven, Sessions::Purpose::sync);
      return;
    }
  }
}

std::optional<Instant> Joiner::next_deadline(std::optional<Instant> differs_since) const {
  std::optional<Instant> next;
  if (s_.leaving || s_.silent) return next;
  for (const Seed& seed : seeds_) {
    if (!next || seed.next_try < *next) next = seed.next_try;
  }
  if (s_.joined && s_.grafts.pause(s_.now) && (!next || seek_at_ < *next)) next = seek_at_;
  if (s_.joined && (!next || seek_lost_at_ < *next)) next = seek_lost_at_;
  const auto at = sync_at(differs_since);
  if (at && (!next || *at < *next)) next = at;
  return next;
}

void Joiner::on_ended(const Sessions::Ended& ended) {
  if (ended.succeeded) {
    if (s_.ring.newest_with_key() != nullptr) set_joined("synced with " + ended.endpoint.to_string());
    for (const auto& m : s_.table.all()) {
      if (m->is_live() && !m->contact->proven && m != s_.self) prober_.prove(m->id());
    }
    return;
  }
  if (ended.purpose != Sessions::Purpose::join) return;
  const auto seed = std::find_if(seeds_.begin(), seeds_.end(),
                                 [&](const Seed& s) { return s.endpoint == ended.endpoint; });
  const bool remembered = seed != seeds_.end() && seed->remembered;
  if (remembered && !ended.refusal) return;  // an address of the past: nobody needs to hear of it
  Event e;
  e.kind = ended.refusal ? Event::Kind::join_refused : Event::Kind::join_failed;
  e.endpoint = ended.endpoint;
  e.refusal = ended.refusal.value_or(Refusal::malformed);
  e.reason = ended.refusal ? "refused" : "no answer, or not a quorumor agent";
  s_.out.push(std::move(e));
}

void Joiner::set_joined(const std::string& reason) {
  if (s_.joined) return;
  s_.joined = true;
  s_.event(Event::Kind::joined, *s_.self, reason);
}

}  // namespace quorumor
