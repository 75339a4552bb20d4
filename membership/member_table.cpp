#include "membership/member_table.h"

#include "base/assert.h"
#include "membership/precedence.h"

#include <algorithm>

namespace quorumor {
Member* MemberTable::insert(SignedCredential credential, ByteVector record) {
  const NodeId id = credential.credential.id;
  QUORUMOR_ASSERT(find(id) == nullptr);
  // Frames name their sender by prefix: two members of one prefix could not be told apart.
  if (full() || by_prefix_.contains(id_prefix(id))) return nullptr;
  auto member = std::make_unique<Member>(HeldCredential(credential.credential, std::move(record)));
  Member* const raw = member.get();
  members_.push_back(std::move(member));
  by_prefix_.emplace(id_prefix(id), raw);
  return raw;
}

void MemberTable::erase(const NodeId& id) {
  Member* const member = find(id);
  if (member == nullptr) return;
  remove_leaf(*member);
  by_prefix_.erase(id_prefix(id));
  const auto at = std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m.get() == member; });
  members_.erase(at);  // `id` may be the member's own, and is not read after this
}

Member* MemberTable::find(const NodeId& id) noexcept {
  return const_cast<Member*>(static_cast<const MemberTable*>(this)->find(id));
}

const Member* MemberTable::find(const NodeId& id) const noexcept {
  const auto found = by_prefix_.find(id_prefix(id));
  return found != by_prefix_.end() && found->second->id() == id ? found->second : nullptr;
}

const Member* MemberTable::find_name(std::string_view name) const noexcept {
  for (const auto& member : members_) {
    if (member->credential.credential.name == name) return member.get();
  }
  return nullptr;
}

bool Member::learn_witness(const Witness& witness) {
  QUORUMOR_ASSERT(core.has_value());
  if (!evidence->core()) evidence.own().learn_core({core->core.at, core->digest(), core->core.leaving});
  return evidence.own().learn_witness(core->core.at, witness);
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
  if (member.evidence) member.evidence.own().learn_core(fact);
  remove_leaf(member);
  if (member.body && body_digest(member.body->record) != whole.body_digest) member.body.reset();
  const bool is_new_process = !member.core || member.core->core.at.generation != whole.at.generation;
  // Later cores of the same process name later sequences: those before were events for us as well.
  if (is_new_process) member.events = EventWindow(whole.next_event);
  member.core = std::move(core);
  add_leaf(member);
  return true;
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

// A member whose core is not held adds nothing: what is known of it is its credential, and revocations are compared by
// themselves.
std::optional<Digest> MemberTable::leaf(const Member& member) noexcept {
  if (!member.core || member.evicted) return std::nullopt;
  const std::byte terminal{static_cast<unsigned char>(member.terminal ? 1 : 0)};
  return hash("quorumor member leaf", {member.id(), member.core->digest(), Bytes{&terminal, 1}});
}

void MemberTable::add_leaf(const Member& member) noexcept {
  if (const auto added = leaf(member)) sum_.add(*added);
}

void MemberTable::remove_leaf(const Member& member) noexcept {
  if (const auto removed = leaf(member)) sum_.remove(*removed);
}

std::uint64_t MemberTable::pair_digest(const NodeId& a, const NodeId& b, const Sum& beside) const noexcept {
  ByteArray<32> sum;
  for (std::size_t i = 0; i < sum_.lanes.size(); ++i) store_le(sum.data() + 8 * i, sum_.lanes[i] + beside.lanes[i]);
  return hash_u64("quorumor pair digest", {std::min(a, b), std::max(a, b), sum});
}

}  // namespace quorumor
