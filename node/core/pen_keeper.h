// Between the pen and the intake: notes what each orphan waits for, and has the intake take it again once that has
// come, by whatever way it came (a datagram, an introduction, a stream). It looks at what is held after each call
// instead of being told, so that no way in can forget to tell it.
//
// "Has come" means: the credential or the core that is held now is another than when the rumor was put here. A core
// may wait for a newer credential than the one that is held, so that there is one says nothing.
#pragma once

#include "membership/member_table.h"
#include "membership/pen.h"
#include "node/core/stats.h"

namespace quorumor {

class Intake;

class PenKeeper {
 public:
  PenKeeper(const MemberTable& table, Counters& counters) : table_(table), counters_(counters) {}

  // After Intake::take said `orphaned`. `sender` is who signed the frame, whoever carried it.
  void put(Instant now, const NodeId& sender, const WantItem& missing, const Rumor& rumor);
  // At the end of every call: takes again what need not wait any more, and what that brings about; drops what has
  // waited too long. Does nothing while the pen is empty or nothing was accepted.
  void settle(Instant now, Intake& intake);
  std::optional<Instant> next_deadline() const noexcept { return pen_.next_deadline(); }
  std::size_t size() const noexcept { return pen_.size(); }
  std::size_t watched() const noexcept { return watches_.size(); }  // at most size(), after a put

 private:
  struct Watch {
    RumorKind missing = RumorKind::credential;
    NodeId id{};
    std::optional<std::uint64_t> held;  // what was held of it when the first rumor began to wait
  };
  std::optional<std::uint64_t> held_now(RumorKind missing, const NodeId& id) const noexcept;
  bool release_one(Instant now, Intake& intake);

  const MemberTable& table_;
  Counters& counters_;
  Pen pen_;
  std::vector<Watch> watches_;           // one for each thing that the pen awaits; others go as they are met
  std::vector<Pen::Waiting> released_;  // scratch
  std::uint64_t accepted_ = 0;           // counters.rumors_accepted when everything was settled
};

}  // namespace quorumor
