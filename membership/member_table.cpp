#include "membership/member_table.h"

#include "base/assert.h"
#include "membership/precedence.h"

#include <algorithm>

namespace quorumor {

static_assert(sizeof(Member) == 64, "a simulated cluster has n * n of them");

// --- a member ------------------------------------------------------------------------------------------------------

EventWindow::Verdict Member::judge_event(Sequence sequence) const noexcept {
  if (dossier->events) return dossier->events->window.judge(sequence);
  return EventWindow(core->core.next_event).judge(sequence);
}

EventsTaken& Member::own_events() {
  Lazy<EventsTaken>& events = dossier.own().events;
  if (!events) events.own().begin(EventWindow(core->core.next_event));
  return events.own();
}

// --- the set of members --------------------------------------------------------------------------------------------

std::size_t MemberTable::PrefixHash::operator()(Prefix prefix) const noexcept {
  return boost::hash<std::uint64_t>{}(prefix.value);
}

std::size_t MemberTable::PrefixHash::operator()(Slot slot) const noexcept {
  return (*this)(Prefix{id_prefix(table->at(slot).id())});
}

bool MemberTable::PrefixEqual::operator()(Prefix a, Slot b) const noexcept {
  return a.value == id_prefix(table->at(b).id());
}

MemberTable::~MemberTable() {
  for (Member* const member : members_) std::destroy_at(member);
}

MemberTable::Slot MemberTable::new_slot() {
  if (!free_.empty()) {
    const Slot slot = free_.back();
    free_.pop_back();
    return slot;
  }
  if (slots_ % kChunk == 0) chunks_.emplace_back(std::allocator<Member>().allocate(kChunk));
  return slots_++;
}

Member* MemberTable::place(Shared<HeldCredential> credential) {
  const NodeId& id = credential->credential.id;
  if (full()) return nullptr;
  // Frames name their sender by prefix: two members of one prefix could not be told apart.
  if (const Member* const holder = find_prefix(id_prefix(id)); holder != nullptr) {
    QUORUMOR_ASSERT(holder->id() != id);
    return nullptr;
  }
  const Slot slot = new_slot();
  Member* const member = std::construct_at(&at(slot), std::move(credential));
  member->slot = slot;
  member->number = next_number_++;
  members_.push_back(member);
  by_prefix_.insert(slot);
  return member;
}

Member* MemberTable::insert(SignedCredential credential, ByteVector record) {
  return place(HeldCredential(credential.credential, std::move(record)));
}

Member* MemberTable::adopt(const Member& original) {
  Member* const member = place(original.credential);
  if (member == nullptr) return nullptr;
  member->core = original.core;
  member->body = original.body;
  member->contact = original.contact;
  member->state = original.state;
  member->state_since = original.state_since;
  member->terminal = original.terminal;
  member->evicted = original.evicted;
  add_leaf(*member);
  note(*member);
  return member;
}

void MemberTable::reserve(std::size_t members) {
  members_.reserve(members);
  by_prefix_.reserve(members);
}

void MemberTable::erase(const NodeId& id) {
  Member* const member = find(id);
  if (member == nullptr) return;
  remove_leaf(*member);
  by_prefix_.erase(member->slot);
  std::erase(unsettled_, member);
  members_.erase(std::find(members_.begin(), members_.end(), member));
  free_.push_back(member->slot);
  std::destroy_at(member);  // `id` may be the member's own, and is not read after this
}

Member* MemberTable::find_prefix(std::uint64_t prefix) noexcept {
  const auto found = by_prefix_.find(Prefix{prefix});
  return found != by_prefix_.end() ? &at(*found) : nullptr;
}

Member* MemberTable::find(const NodeId& id) noexcept {
  Member* const member = find_prefix(id_prefix(id));
  return member != nullptr && member->id() == id ? member : nullptr;
}

const Member* MemberTable::find(const NodeId& id) const noexcept { return const_cast<MemberTable*>(this)->find(id); }

const Member* MemberTable::find_name(std::string_view name) const noexcept {
  for (const Member* member : members_) {
    if (member->credential->credential.name == name) return member;
  }
  return nullptr;
}

// --- what changes ----------------------------------------------------------------------------------------------------

bool MemberTable::learn_witness(Member& member, const Witness& witness) {
  QUORUMOR_ASSERT(member.core.has_value());
  // There may be a verdict about it already, and no more.
  if (!member.evidence().core()) {
    member.own_evidence().learn_core({member.core->core.at, member.core->digest(), member.core->core.leaving});
  }
  const bool news = member.own_evidence().learn_witness(member.core->core.at, witness);
  note(member);
  return news;
}

bool MemberTable::set_core(Member& member, HeldCore core) {
  const Core whole = core.whole();
  QUORUMOR_ASSERT(whole.id == member.id());
  const CoreFact fact{whole.at, core.digest(), whole.leaving};
  if (member.core) {
    const Coordinate& held = member.core->core.at;
    if (fact.at < held) return false;
    if (fact.at == held && !conflict_prefers_offered(member.core->digest(), fact.digest)) return false;
  }
  if (member.dossier->evidence) member.own_evidence().learn_core(fact);
  remove_leaf(member);
  if (member.body && body_digest(member.body->record) != whole.body_digest) member.body.reset();
  const bool is_new_process = !member.core || member.core->core.at.generation != whole.at.generation;
  if (is_new_process) {
    if (member.dossier->events) member.own_events().begin(EventWindow(whole.next_event));
  } else if (member.core->core.next_event != whole.next_event) {
    // Later cores of the same process name later sequences: those before were events for us as well.
    member.own_events();
  }
  member.core = std::move(core);
  add_leaf(member);
  note(member);
  return true;
}

void MemberTable::set_state(Member& member, MemberState state, Instant since) {
  member.state = state;
  member.state_since = since;
  set_terminal(member, state == MemberState::left);
  set_evicted(member, state == MemberState::evicted);
  note(member);
}

void MemberTable::set_terminal(Member& member, bool terminal) {
  if (member.terminal == terminal) return;
  remove_leaf(member);
  member.terminal = terminal;
  add_leaf(member);
}

void MemberTable::set_evicted(Member& member, bool evicted) {
  if (member.evicted == evicted) return;
  remove_leaf(member);
  member.evicted = evicted;
  add_leaf(member);
}

// --- what is not settled -------------------------------------------------------------------------------------------

bool MemberTable::is_unsettled(const Member& member) noexcept {
  const bool out_of_reach = member.state == MemberState::suspect || member.state == MemberState::unreachable ||
                            member.state == MemberState::dead;
  return out_of_reach || !member.evidence().witnesses().empty() || (member.core && !member.body);
}

void MemberTable::note(Member& member) {
  if (!is_unsettled(member)) return;
  const auto place = std::lower_bound(unsettled_.begin(), unsettled_.end(), member.number,
                                      [](const Member* m, std::uint64_t number) { return m->number < number; });
  if (place == unsettled_.end() || *place != &member) unsettled_.insert(place, &member);
}

void MemberTable::settle() {
  std::erase_if(unsettled_, [](const Member* member) { return !is_unsettled(*member); });
}

// --- the digest ----------------------------------------------------------------------------------------------------

// A member whose core is not held adds nothing: what is known of it is its credential, and revocations are compared by
// themselves.
void MemberTable::add_leaf(const Member& member) noexcept {
  if (member.core && !member.evicted) sum_.add(member.core->leaf(member.terminal));
}

void MemberTable::remove_leaf(const Member& member) noexcept {
  if (member.core && !member.evicted) sum_.remove(member.core->leaf(member.terminal));
}

std::uint64_t MemberTable::pair_digest(const NodeId& a, const NodeId& b, const Sum& beside) const noexcept {
  ByteArray<32> sum;
  for (std::size_t i = 0; i < sum_.lanes.size(); ++i) store_le(sum.data() + 8 * i, sum_.lanes[i] + beside.lanes[i]);
  return hash_u64("quorumor pair digest", {std::min(a, b), std::max(a, b), sum});
}

}  // namespace quorumor
