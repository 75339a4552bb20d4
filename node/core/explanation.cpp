#include "node/core/explanation.h"

#include <algorithm>
#include <tuple>

namespace quorumor {
namespace {

constexpr std::size_t kIdDigits = 2 * sizeof(NodeId);

const Member* find_member(const CoreState& s, std::string_view name) {
  const auto order = [](const Member& m) {
    return std::tuple(m.is_live(), m.state != MemberState::unknown, m.state_since);
  };
  const Member* best = nullptr;
  for (const auto& m : s.table.all()) {
    if (m->credential->credential.name != name) continue;
    if (m == s.self) return s.self;
    if (best == nullptr || order(*best) < order(*m)) best = m;
  }
  if (best != nullptr || name.size() != kIdDigits) return best;
  for (const auto& m : s.table.all()) {
    if (to_hex(m->id()) == name) return m;
  }
  return nullptr;
}

std::string name_of(const CoreState& s, const NodeId& id) {
  const Member* member = s.table.find(id);
  return member != nullptr ? std::string(member->credential->credential.name) : std::string();
}

bool is_doubted(MemberState state) noexcept {
  return state == MemberState::suspect || state == MemberState::unreachable;
}

Weight weigh(const CoreState& s, const Member& subject, const Explanation::Accuser& accuser) {
  if (!s.policy->looks_itself() && accuser.id != subject.id()) return Weight::counts;  // whoever it is
  const bool ranks = std::any_of(accuser.ranks.begin(), accuser.ranks.end(),
                                 [](const Explanation::Rank& r) { return r.rank.has_value(); });
  if (ranks) return Weight::counts;
  const Member* member = s.table.find(accuser.id);
  const MemberState state = member != nullptr ? member->state : MemberState::unknown;
  switch (state) {
    case MemberState::dead:
    case MemberState::unreachable: return Weight::out_of_reach;
    case MemberState::unknown:
    case MemberState::left:
    case MemberState::evicted: return Weight::not_a_member;
    case MemberState::alive:
    case MemberState::suspect: break;
  }
  return Weight::not_an_observer;
}

void add_accusers(const CoreState& s, const Member& subject, Explanation& out) {
  for (const Witness& w : subject.evidence().witnesses()) {
    Explanation::Accuser a;
    a.id = w.accuser;
    a.name = name_of(s, w.accuser);
    a.generation = w.generation;
    for (const Epoch epoch : w.epochs) a.ranks.push_back({epoch, s.policy->rank_of(subject.id(), w.accuser, epoch)});
    a.heard = out.at - w.heard_at;
    a.weight = weigh(s, subject, a);
    if (subject.dossier->muting) {
      a.refuted = subject.dossier->muting->refutations(w.accuser, out.at);
      a.muted = subject.dossier->muting->is_muted(w.accuser, out.at);
    }
    a.self = w.accuser == s.id();
    out.accusers.push_back(std::move(a));
  }
}

// The policy names the others; this node has its place among them.
void add_silent(const CoreState& s, const Member& subject, Explanation& out) {
  std::vector<NodeId> observers;
  s.policy->observers_of(subject.id(), observers);
  const auto* newest = s.ring.newest();
  if (!observers.empty() && newest != nullptr) {
    const auto own = s.policy->rank_of(subject.id(), s.id(), newest->epoch());
    const auto place = static_cast<std::ptrdiff_t>(std::min<std::size_t>(own.value_or(0), observers.size()));
    if (own) observers.insert(observers.begin() + place, s.id());
  }
  const auto& witnesses = subject.evidence().witnesses();
  for (const NodeId& id : observers) {
    if (std::any_of(witnesses.begin(), witnesses.end(), [&](const Witness& w) { return w.accuser == id; })) continue;
    const Member* member = s.table.find(id);
    out.silent.push_back({id, name_of(s, id), member != nullptr ? member->state : MemberState::unknown, id == s.id()});
  }
}

void add_muted(const CoreState& s, const Member& subject, Explanation& out) {
  if (!subject.dossier->muting) return;
  std::vector<NodeId> muted;
  subject.dossier->muting->muted(out.at, muted);
  for (const NodeId& id : muted) {
    out.muted.push_back({id, name_of(s, id), subject.dossier->muting->refutations(id, out.at)});
  }
}

// A doubt outlives the suspicion that it was of, if that lapsed; and a later end than the first (an Unreachable member
// is looked at again and again) is not the window's.
void add_doubt(const Member& subject, Explanation& out) {
  if (!subject.doubt() || (!is_doubted(subject.state) && subject.state != MemberState::dead)) return;
  const Doubt& d = *subject.doubt();
  Explanation::Window window;
  window.began = out.at - d.since;
  window.over = subject.state != MemberState::suspect;
  window.deferrals = d.deferrals;
  Instant end = d.until;
  if (window.over) {
    for (const Transition& t : *subject.dossier->history) {
      if (t.at >= d.since && (t.state == MemberState::unreachable || t.state == MemberState::dead)) {
        end = std::min(end, t.at);
      }
    }
  }
  window.ends_in = end - out.at;
  out.window = window;
  out.look = d.look;
  if (d.look_ended) out.look_ended = out.at - *d.look_ended;
}

// --- what is missing -----------------------------------------------------------------------------------------------

// Tenths of a second, rounded up: what is still to come is never "0.0 s".
std::string seconds_text(Duration duration) {
  const std::int64_t tenths = (std::max<std::int64_t>(duration.count(), 0) + 99'999'999) / 100'000'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

std::string accusers_text(std::size_t n) { return std::to_string(n) + (n == 1 ? " accuser" : " accusers"); }

std::string more_accusers(const Tally& tally) {
  const std::size_t more = tally.needed - std::min(tally.counting, tally.needed);
  return std::to_string(more) + " more " + (more == 1 ? "accuser" : "accusers") + " of " +
         std::to_string(tally.needed) + " needed";
}

std::string missing_look(const Doubt& d, const Explanation& out) {
  const std::string own = "this node's own last look";
  switch (d.look) {
    case Look::none:
      if (!out.tally.condemned) return own + ", once enough accuse it";
      return d.look_at > out.at ? own + ", in " + seconds_text(d.look_at - out.at) : own;
    case Look::due: return own + ": it waits for its turn";
    case Look::running: return own + ": it is under way";
    case Look::answered: return "its silence: it answered " + own;
    case Look::failed: break;
  }
  return {};
}

void add_missing_of_doubted(const CoreState& s, const Member& subject, Explanation& out) {
  if (!out.tally.quorum) out.missing.push_back("no quorum: too many of its observers are out of reach themselves");
  if (!out.tally.condemned) out.missing.push_back(more_accusers(out.tally));
  if (!s.joined) {
    out.missing.push_back("this node has not joined");
  } else if (!out.may_declare) {
    const std::size_t more = out.syncs_needed - std::min(out.synced_with, out.syncs_needed);
    out.missing.push_back("this node must sync with " + std::to_string(more) + " more " +
                          (more == 1 ? "member" : "members") + " before it declares anybody dead");
  }
  if (!subject.doubt()) return;
  const Doubt& d = *subject.doubt();
  if (subject.state == MemberState::suspect && d.until > out.at) {
    out.missing.push_back("the window ends in " + seconds_text(d.until - out.at));
  }
  if (!out.defended) return;
  std::string look = missing_look(d, out);
  if (!look.empty()) out.missing.push_back(std::move(look));
}

std::string why_not_doubted(const Explanation& e) {
  if (e.accusers.empty()) return "nobody accuses it";
  const std::string who = accusers_text(e.accusers.size());
  if (e.self) return "held against this node: " + who + ", which it refutes";
  if (e.tally.suspected) return who + ": it is about to become a suspect";
  if (e.tally.counting == 0) return "an accuser that counts: none of " + who + " is an observer of it within reach";
  return "an accuser that is not muted, or " + more_accusers(e.tally);
}

void add_missing(const CoreState& s, const Member& subject, Explanation& out) {
  switch (subject.state) {
    case MemberState::unknown: out.missing.push_back("a claim of it: only its credential is known"); break;
    case MemberState::alive: out.missing.push_back(why_not_doubted(out)); break;
    case MemberState::suspect:
    case MemberState::unreachable: add_missing_of_doubted(s, subject, out); break;
    case MemberState::left: out.missing.push_back("it left by its own word: it cannot die"); break;
    case MemberState::evicted: out.missing.push_back("it is evicted: nothing is stronger"); break;
    case MemberState::dead: break;
  }
}

}  // namespace

const char* to_string(Weight weight) noexcept {
  switch (weight) {
    case Weight::counts: return "counts";
    case Weight::not_an_observer: return "not_an_observer";
    case Weight::out_of_reach: return "out_of_reach";
    case Weight::not_a_member: return "not_a_member";
  }
  return "?";
}

const char* to_string(Look look) noexcept {
  switch (look) {
    case Look::none: return "none";
    case Look::due: return "due";
    case Look::running: return "running";
    case Look::answered: return "answered";
    case Look::failed: return "failed";
  }
  return "?";
}

std::optional<Explanation> explain(const CoreState& s, const Transitions& transitions, std::string_view name,
                                   Instant now) {
  const Member* member = find_member(s, name);
  if (member == nullptr) return std::nullopt;
  Explanation out;
  out.at = std::max(now, s.now);
  out.id = member->id();
  out.name = member->credential->credential.name;
  out.self = member == s.self;
  out.has_claim = member->core.has_value();
  out.state = member->state;
  out.since = out.at - member->state_since;
  if (member->core) out.coordinate = member->core->core.at;
  for (const Transition& t : *member->dossier->history) out.history.push_back({out.at - t.at, t.state, t.reason});
  out.defended = s.policy->looks_itself();
  out.tally = transitions.judge(*member);
  add_accusers(s, *member, out);
  add_silent(s, *member, out);
  add_muted(s, *member, out);
  add_doubt(*member, out);
  const Contact& contact = *member->contact;
  if (contact.last_heard != Instant{}) out.last_heard = out.at - contact.last_heard;
  if (contact.round_trips.samples() >= RoundTrips::kFew) out.round_trip = contact.round_trips.mean();
  if (contact.unanswered_since) out.phi = contact.round_trips.phi(out.at - *contact.unanswered_since);
  out.may_declare = transitions.may_declare();
  out.synced_with = s.synced_with.size();
  out.syncs_needed = transitions.syncs_to_declare();
  if (out.self) out.refutations = s.counters.refutations;
  add_missing(s, *member, out);
  return out;
}

}  // namespace quorumor
