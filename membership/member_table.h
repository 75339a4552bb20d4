// What is held of every member: signed records, byte for byte, and the local state that was decided from them.
// Insertion checks nothing: callers verify first. Indexes by id; iteration is in insertion order, so that nothing
// depends on a hash's order.
//
// A member is 64 bytes and what it points to: its records (held.h), which tables of one thread may share (shared.h);
// a contact (contact.h) once there is anything to do with it; a dossier (dossier.h) once there is anything against it.
//
// Bound: `capacity` members (credential + core + body: about 1 KB; about 250 bytes more once it was spoken with, 128
// more once it has sent an event), and at most kWitnessesHeld accusations of each.
// A full table refuses new ids; the caller decides whom to reap first.
// Pointers to members stay valid until that member is erased. Not thread-safe.
#pragma once

#include "base/lazy.h"
#include "base/shared.h"
#include "membership/contact.h"
#include "membership/digest_sum.h"
#include "membership/dossier.h"
#include "membership/held.h"

#include <boost/unordered/unordered_flat_set.hpp>
#include <memory>
#include <string_view>
#include <vector>

namespace quorumor {

// Accusations of one subject, from whoever ranks for it or soon may (Policy::is_worth_holding): a quorum admits 3m + 11
// ranks in each of four epochs, m being that of twice as many members. This bounds it whatever a policy says; past it,
// further accusers are not held.
inline constexpr std::size_t kWitnessesHeld = 512;

struct Member {
  using Slot = std::uint32_t;  // a small number, used again after an erasure: for arrays beside the table
  explicit Member(Shared<HeldCredential> held) noexcept : credential(std::move(held)) {}

  Shared<HeldCredential> credential;  // always there
  Shared<HeldCore> core;
  Shared<HeldBody> body;
  Shared<Contact> contact;
  Lazy<Dossier> dossier;
  Instant state_since;
  std::uint64_t number = 0;  // of its insertion, which orders the table
  Slot slot = 0;
  MemberState state = MemberState::unknown;  // written by MemberTable::set_state, as long as it is in the table
  bool terminal = false;     // as it enters the digest; written by MemberTable alone
  bool evicted = false;      // and so not in the digest; written by MemberTable alone

  const NodeId& id() const noexcept { return credential->credential.id; }
  bool is_live() const noexcept { return state == MemberState::alive || state == MemberState::suspect; }

  // Parts of the dossier.
  const Evidence& evidence() const noexcept { return *dossier->evidence; }
  Evidence& own_evidence() { return dossier.own().evidence.own(); }
  Doubt* doubt() const noexcept { return dossier->doubt.get(); }  // nullptr: it is not doubted

  // Which of its events were taken. Requires: core.
  EventWindow::Verdict judge_event(Sequence sequence) const noexcept;
  EventsTaken& own_events();
};

class MemberTable {
 public:
  using Slot = Member::Slot;

  explicit MemberTable(std::size_t capacity = kLinksMax) : capacity_(capacity) {}
  ~MemberTable();
  MemberTable(const MemberTable&) = delete;
  MemberTable& operator=(const MemberTable&) = delete;

  // nullptr if the table is full or the id's prefix belongs to another member. Requires: id not held.
  Member* insert(SignedCredential credential, ByteVector record);
  // The same for a member of another table of this thread: shares its records, contact and state.
  Member* adopt(const Member& original);
  void reserve(std::size_t members);  // makes room at once, and no more than for them
  void erase(const NodeId& id);
  Member* find(const NodeId& id) noexcept;
  const Member* find(const NodeId& id) const noexcept;
  Member* find_prefix(std::uint64_t prefix) noexcept;
  const Member* find_name(std::string_view name) const noexcept;  // linear; for operators
  Member& at(Slot slot) const noexcept { return chunks_[slot / kChunk][slot % kChunk]; }  // requires: a member's
  std::size_t size() const noexcept { return members_.size(); }
  bool full() const noexcept { return members_.size() >= capacity_; }
  const std::vector<Member*>& all() const noexcept { return members_; }

  // Replaces the core, drops accusations of the old coordinate and a body that no longer matches, begins a window of
  // events for a new generation, and keeps the digest up to date.
  // False, and nothing changes, unless it takes precedence over the held one (a newer one, or preferred in a
  // conflict). Requires: the core is the member's own.
  bool set_core(Member& member, HeldCore core);
  // Left enters the digest, timers do not; Evicted takes it out.
  void set_state(Member& member, MemberState state, Instant since);
  void set_terminal(Member& member, bool terminal);
  // Evicted members add nothing: what evicts them is compared by itself (verdicts.h).
  void set_evicted(Member& member, bool evicted);
  // False if that is no news. Requires: core.
  bool learn_witness(Member& member, const Witness& witness);

  // Those that something is to be done about sooner or later (is_unsettled), in the order of insertion; so that what
  // happens once a period costs as much as is doubted, not as many as there are. Some may have settled since: `settle`
  // drops them.
  const std::vector<Member*>& unsettled() const noexcept { return unsettled_; }
  void settle();
  static bool is_unsettled(const Member& member) noexcept;

  // Over the leaves H(id, core digest, terminal) of everything held: equal knowledge, equal digest.
  using Sum = DigestSum;
  const Sum& sum() const noexcept { return sum_; }
  // What two members compare in a ping: 8 bytes, different for every pair. `beside`: of what is held outside the table.
  std::uint64_t pair_digest(const NodeId& a, const NodeId& b, const Sum& beside = {}) const noexcept;

 private:
  static constexpr std::size_t kChunk = 64;  // members, allocated together
  struct Prefix {
    std::uint64_t value = 0;
  };
  struct PrefixHash {
    using is_transparent = void;
    const MemberTable* table;
    std::size_t operator()(Prefix prefix) const noexcept;
    std::size_t operator()(Slot slot) const noexcept;
  };
  struct PrefixEqual {
    using is_transparent = void;
    const MemberTable* table;
    bool operator()(Slot a, Slot b) const noexcept { return a == b; }
    bool operator()(Prefix a, Slot b) const noexcept;
    bool operator()(Slot a, Prefix b) const noexcept { return (*this)(b, a); }
  };
  struct FreeChunk {
    void operator()(Member* chunk) const noexcept { std::allocator<Member>().deallocate(chunk, kChunk); }
  };

  Member* place(Shared<HeldCredential> credential);
  Slot new_slot();
  void note(Member& member);
  void add_leaf(const Member& member) noexcept;
  void remove_leaf(const Member& member) noexcept;

  std::size_t capacity_;
  std::vector<std::unique_ptr<Member[], FreeChunk>> chunks_;  // by slot; what is not in use is raw
  std::vector<Slot> free_;
  Slot slots_ = 0;  // that were ever used
  std::uint64_t next_number_ = 0;
  std::vector<Member*> members_;    // ascending by number
  std::vector<Member*> unsettled_;  // the same
  // The only index: a prefix belongs to one member. Never iterated.
  boost::unordered_flat_set<Slot, PrefixHash, PrefixEqual> by_prefix_{0, PrefixHash{this}, PrefixEqual{this}};
  Sum sum_;
};

}  // namespace quorumor
