// First-hand looks at members, as many at once as are needed and no more than kLooksMost. One machine for three uses:
//
//   cycle   the probe of a period: a ping; after the probe timeout a second one with an introduction, and relays that
//           carry a sealed ping (relayer.h); a TLS probe where that is not answered either. Scaled by local health.
//   verify  the same, because somebody's hint or accusation asks this observer to see for itself. Never scaled.
//   last    what stands between an accused member and its death: a ping and two relays at once, with an accusation to
//           refute. Never scaled.
//
// Any authenticated answer of the target to the look's sequence ends it, whichever way it came. The first timeout is
// what the target's measured round trips say (round_trips.h), scaled by local health; the end is fixed, so that answers
// over relays have their time.
#pragma once

#include "membership/probe_schedule.h"
#include "node/core/sender.h"
#include "node/core/sessions.h"

#include <vector>

namespace quorumor {

enum class LookKind : std::uint8_t { cycle, verify, last };

struct LookResult {
  LookKind kind = LookKind::cycle;
  NodeId target{};
  Coordinate at;  // of the core that was held when the look began: it says nothing about a later one
  bool answered = false;
  bool over = true;  // false: of a cycle look that neither the target nor a relay has answered so far
};

class Looks {
 public:
  static constexpr std::size_t kLooksMost = 128;

  Looks(CoreState& state, Sender& sender, Sessions& sessions) : s_(state), sender_(sender), sessions_(sessions) {}

  // False if there is no room, no way to reach it (no address, no key), or one of this kind at it is under way.
  bool begin(Member& target, LookKind kind);
  bool is_running(const NodeId& target, LookKind kind) const noexcept;
  bool has_room() const noexcept { return looks_.size() < kLooksMost && s_.out.room(); }
  std::size_t running() const noexcept { return looks_.size(); }

  // A ping outside any look: to prove an endpoint, or as an answer to an introduction. Its ack changes nothing else.
  bool ping(Member& to, const Sender::Options& options);
  // Says whether it was the answer to a look.
  bool on_ack(Member& from, Sequence sequence, bool direct);
  void on_nack(const Member& relay, Sequence sequence);
  void on_stream_answer(const NodeId& from);  // it has proven itself in a TLS session that a look dialled
  void on_timer();
  // The process stood still: looks in flight prove nothing.
  void on_gap();
  std::optional<Instant> next_deadline() const;
  // Takes a look that is over, or looks bad; nothing if there is none.
  std::optional<LookResult> take_result();

  // An introduction to a proven endpoint may follow every unanswered ping; to an unproven one, once in ten seconds.
  bool may_introduce(const Member& to) const noexcept;
  Duration first_timeout(const Member& to, bool scaled) const noexcept;

 private:
  struct Asked {
    NodeId relay{};
    bool nacked = false;
  };
  struct Flight {
    LookKind kind = LookKind::cycle;
    NodeId target{};
    Coordinate at;
    Sequence sequence;
    Instant sent_at, second_at, stream_at, fails_at;
    bool second_sent = false, stream_tried = false;
    boost::container::static_vector<Asked, 16> asked;
  };
  void second_try(Flight& look);
  void ask_relays(Member& target, Flight& look, unsigned count);
  void try_stream(Flight& look);
  void fail(const Flight& look);
  void end(std::size_t at, bool answered);
  std::optional<Sequence> next_sequence();

  CoreState& s_;
  Sender& sender_;
  Sessions& sessions_;
  Sequence last_sequence_;
  std::vector<Flight> looks_;
  std::vector<LookResult> results_;
  std::vector<Member*> relays_;  // scratch
  std::array<std::byte, limits::kDatagram> sealed_{};
};

}  // namespace quorumor
