#include "node/core/event_gaps.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace quorumor {

// Those of one origin lie together, the oldest first.
struct EventGaps::Before {
  using Key = std::pair<const NodeId&, Sequence>;
  static Key key(const Gap& gap) noexcept { return {gap.origin, gap.sequence}; }
  bool operator()(const Gap& a, const Key& b) const noexcept { return key(a) < b; }
  bool operator()(const Gap& a, const NodeId& b) const noexcept { return a.origin < b; }
  bool operator()(const NodeId& a, const Gap& b) const noexcept { return a < b.origin; }
};

// --- what is missing -------------------------------------------------------------------------------------------------

void EventGaps::on_taken(Member& origin, Sequence sequence) {
  const auto found = std::lower_bound(gaps_.begin(), gaps_.end(), Before::Key{origin.id(), sequence}, Before{});
  if (found != gaps_.end() && found->origin == origin.id() && found->sequence == sequence) {
    if (found->tries > 0) ++s_.counters.events_recovered;
    gaps_.erase(found);
  }
  EventsTaken& taken = origin.own_events();
  if (sequence < taken.noticed) return;
  notice(origin, sequence, false);
  taken.noticed = sequence.next().value_or(sequence);
}

// Half of the numbers are ahead of what is known and half are behind: an origin sends ten a second, so that its 2^31
// events take it seven years, and who states less has been overtaken, or is of a time before this was stated.
void EventGaps::on_stated(Member& origin, std::uint32_t next) {
  if (!origin.core || origin.state == MemberState::evicted) return;
  const Sequence known = origin.dossier->events ? origin.dossier->events->noticed : origin.core->core.next_event;
  const std::uint32_t ahead = next - static_cast<std::uint32_t>(known.value);
  if (ahead == 0 || ahead > std::numeric_limits<std::uint32_t>::max() / 2) return;
  if (std::numeric_limits<std::uint64_t>::max() - known.value < ahead) return;
  const Sequence end{known.value + ahead};
  EventsTaken& taken = origin.own_events();
  notice(origin, end, true);
  taken.noticed = end;
}

// Whatever is missing before `end` from the mark on, and of that no more than the newest.
void EventGaps::notice(Member& origin, Sequence end, bool is_stated) {
  if (!s_.joined) return;
  const EventsTaken& taken = origin.own_events();
  const bool is_doubted = s_.now < taken.doubted_until;
  const std::uint64_t missing = std::min<std::uint64_t>(end.value - taken.noticed.value,
                                                        is_doubted ? kDoubted : is_stated ? kStated : kOfOrigin);
  if (missing == 0) return;
  for (std::uint64_t back = missing; back > 0; --back) add(origin, Sequence{end.value - back}, is_stated);
  trim(origin, is_doubted ? kDoubted : kOfOrigin);
  while (gaps_.size() > kMost) drop_one();
}

void EventGaps::add(const Member& origin, Sequence sequence, bool is_stated) {
  if (origin.judge_event(sequence) != EventWindow::Verdict::news) return;
  const Gap gap{origin.id(), sequence, origin.core->core.at.generation, is_stated, 0,
                s_.now + grace()};
  due_ = gaps_.empty() ? gap.due : std::min(due_, gap.due);
  const auto place = std::lower_bound(gaps_.begin(), gaps_.end(), Before::key(gap), Before{});
  if (place != gaps_.end() && place->origin == gap.origin && place->sequence == sequence) {
    *place = gap;  // a former process of its left that one open
  } else {
    gaps_.insert(place, gap);
  }
}

void EventGaps::trim(Member& origin, std::size_t most) {
  const auto [first, last] = std::equal_range(gaps_.begin(), gaps_.end(), origin.id(), Before{});
  if (static_cast<std::size_t>(last - first) <= most) return;
  const auto kept = last - static_cast<std::ptrdiff_t>(most);
  // Asked for in vain, and there come ever more of them.
  if (std::any_of(first, kept, [](const Gap& gap) { return gap.tries >= 2; })) doubt(origin);
  gaps_.erase(first, kept);
}

void EventGaps::doubt(Member& origin) { origin.own_events().doubted_until = s_.now + kDoubt; }

void EventGaps::drop_one() {
  auto victim = gaps_.begin();
  std::ptrdiff_t most = 0;
  for (auto first = gaps_.begin(); first != gaps_.end();) {
    const auto last = std::upper_bound(first, gaps_.end(), first->origin, Before{});
    if (last - first > most) {
      most = last - first;
      victim = first;
    }
    first = last;
  }
  gaps_.erase(victim);
}

// --- asking ----------------------------------------------------------------------------------------------------------

std::optional<Instant> EventGaps::next_deadline() const {
  if (gaps_.empty()) return std::nullopt;
  return std::max(due_, next_want_);
}

bool EventGaps::is_open(const Gap& gap) {
  Member* const origin = s_.table.find(gap.origin);
  if (origin == nullptr || !origin->core || origin->state == MemberState::evicted) return false;
  if (origin->core->core.at.generation != gap.generation) return false;
  if (origin->judge_event(gap.sequence) != EventWindow::Verdict::news) return false;
  if (gap.tries < kTries || s_.now < gap.due) return true;
  doubt(*origin);
  return false;
}

void EventGaps::drop_closed() {
  gaps_.erase(std::remove_if(gaps_.begin(), gaps_.end(), [this](const Gap& gap) { return !is_open(gap); }),
              gaps_.end());
}

void EventGaps::on_timer() {
  const auto next = next_deadline();
  if (!next || s_.now < *next) return;
  drop_closed();
  const Gap* first = nullptr;
  for (const Gap& gap : gaps_) {
    if (gap.due > s_.now) continue;
    if (first == nullptr || std::tie(gap.tries, gap.due) < std::tie(first->tries, first->due)) first = &gap;
  }
  if (first != nullptr) ask(*first);
  if (gaps_.empty()) return;
  due_ = std::min_element(gaps_.begin(), gaps_.end(), [](const Gap& a, const Gap& b) { return a.due < b.due; })->due;
}

Duration EventGaps::grace() const noexcept { return kGrace * s_.config.gossip_interval; }

Duration EventGaps::pause_after(unsigned tries) noexcept {
  return std::min<Duration>(kPause * (1 << std::min(tries - 1, 2U)), kPauseMost);
}

Member* EventGaps::whom(const Gap& gap, Member& origin) {
  const bool has_just_spoken = s_.now - origin.contact->last_heard <= 2 * grace();
  const bool of_origin = gap.tries == 0 ? has_just_spoken : gap.tries % 2 == 1;
  if (of_origin && origin.is_live() && origin.contact->proven) return &origin;
  const auto& picked = picker_.pick(1);
  return picked.empty() ? nullptr : picked.front();
}

// `first`, and what else of its origin is as due. A question that cannot be sent counts as well: gaps end, whatever
// happens.
void EventGaps::ask(const Gap& first) {
  next_want_ = s_.now + kWantEvery;
  Member* const to = whom(first, *s_.table.find(first.origin));
  const NodeId origin = first.origin;
  const unsigned tries = first.tries;
  Message& question = sender_.blank(MessageKind::want);
  const auto [begin, end] = std::equal_range(gaps_.begin(), gaps_.end(), origin, Before{});
  for (auto gap = begin; gap != end && question.wants.size() < kItems; ++gap) {
    if (gap->due > s_.now || gap->tries != tries) continue;
    question.wants.push_back({RumorKind::event, origin, gap->sequence.value});
    ++gap->tries;
    gap->due = s_.now + pause_after(gap->tries);
  }
  Sender::Options options;
  options.gossip = false;
  if (to != nullptr && sender_.send(*to, question, options)) s_.counters.events_wanted += question.wants.size();
}

}  // namespace quorumor
