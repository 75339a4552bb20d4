// The pen: rumors that depend on a credential or a core that is missing wait here, while whoever sent them is asked
// for it. Without it a claim that overtakes its credential is lost until it is told again, or until the next sync;
// with one that is not bounded, whoever speaks of ids that nobody has could fill the memory.
//
// Rules:
// * At most kHeldMax rumors, kHeldOfSender of one sender, kPatience each: what is asked for comes in a round trip.
// * When full, the oldest of the sender that then has most gives way, so that a flood washes out its own. When
//   several have most, the newcomer's own if it is one of them, else that of whoever has waited longest.
// * Identical records wait once, from whoever brought them first.
// * Released in the order of arrival, all at once: who takes them again may put them back (something else may be
//   missing now), and that is not released before the next arrival.
//
// What an attacker can still do: make its own share wait. A rumor is taken only when its signature is good, later.
// Pure; 64 entries are walked, not indexed. Not thread-safe.
#pragma once

#include "base/time.h"
#include "wire/message.h"

#include <optional>
#include <vector>

namespace quorumor {

class Pen {
 public:
  static constexpr std::size_t kHeldMax = 64;
  static constexpr std::size_t kHeldOfSender = 8;
  static constexpr Duration kPatience = 5s;

  struct Waiting {
    Instant until;
    NodeId sender{};
    RumorKind missing = RumorKind::credential;
    NodeId id{};  // whose credential or core is missing
    RumorKind kind = RumorKind::core;
    ByteVector record;
    ByteVector payload;

    Rumor rumor() const noexcept { return {kind, record, payload}; }
  };

  Pen() { held_.reserve(kHeldMax); }

  // Copies the rumor's bytes. False if the same waits already. Requires: missing is credential or core; `now` never
  // goes back.
  bool put(Instant now, const NodeId& sender, RumorKind missing, const NodeId& id, const Rumor& rumor);
  // Appends to `out`, oldest first, what waited for this, and holds it no more.
  void release(RumorKind missing, const NodeId& id, std::vector<Waiting>& out);
  bool awaits(RumorKind missing, const NodeId& id) const noexcept;
  void expire(Instant now);
  std::optional<Instant> next_deadline() const noexcept;

  bool empty() const noexcept { return held_.empty(); }
  std::size_t size() const noexcept { return held_.size(); }
  // Of all that were ever put, those that were never released: expired, or pushed out.
  std::uint64_t lost() const noexcept { return lost_; }

 private:
  std::size_t count_of(const NodeId& sender) const noexcept;
  void drop_oldest_of(const NodeId& sender);
  NodeId who_gives_way(const NodeId& newcomer) const noexcept;

  std::vector<Waiting> held_;  // in order of arrival, which is the order of expiry
  std::uint64_t lost_ = 0;
};

}  // namespace quorumor
