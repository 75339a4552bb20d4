// Events that were missed: no digest covers them and gossip ends by itself, so a member that a few datagrams did not
// reach would never hear of them. Sequences show what is missing: an event that was taken proves nothing of those
// before it but that their numbers were given out, and every message states its sender's own next one (Message::
// next_event), so that the last event of a burst is missed by nobody that its origin speaks to.
//
// Rules:
// * What is missing is looked at once, when a later sequence is taken or stated; that mark (EventsTaken::noticed)
//   begins where the window does: before it is history. Of a node that has not joined nothing is missing: a sync comes.
// * Gossip comes first: a gap is asked for after kGrace gossip intervals, by a Want. First of the origin if it has
//   spoken since or just before, else of a random member; then of the one and the other in turn, kTries times, more and
//   more seldom. After that nobody has it any more, or it was over.
// * One Want every kWantEvery, for kItems events of one origin; what was asked for least often goes first, so that
//   what cannot be had does not delay what can.
// * Bound: kMost gaps, of one origin the newest kOfOrigin (kStated, if all that says so is its statement, which is
//   not signed). When full, the oldest of the origin that has most gives way.
// * An origin whose events could not be had is doubted for kDoubt: only the newest kDoubted of its are looked for.
//
// What a liar can do: state, or sign, numbers that there are no events for. However far ahead, one costs each reader
// kStated gaps, that is kStated * kTries / kItems Wants of 100 to 400 bytes within a minute; further ones cost less;
// never more than one Want every kWantEvery, and others' events wait for no more than what it has newly invented. Its
// own events may be lost to those that believed it.
//
// Nothing is drawn, sent or allocated while nothing is missing. A step costs O(gaps held).
#pragma once

#include "node/core/peer_picker.h"
#include "node/core/sender.h"

namespace quorumor {

class EventGaps {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr std::size_t kOfOrigin = 64;  // more than a burst (Events::kOwnBurst)
  static constexpr std::size_t kStated = 16;
  static constexpr std::size_t kDoubted = 4;
  static constexpr Duration kDoubt = 60s;
  static constexpr int kGrace = 10;  // gossip intervals
  // Within a TTL of a minute. Of all gaps, one in 200,000 gets no answer where a datagram in five is lost, one in 30
  // where every other one is.
  static constexpr unsigned kTries = 12;
  static constexpr Duration kPause = 1s, kPauseMost = 4s;  // after the first try, and after the third and later ones
  static constexpr Duration kWantEvery = 100ms;
  static constexpr std::size_t kItems = 8;

  EventGaps(CoreState& state, Sender& sender) : s_(state), sender_(sender), picker_(state) {}

  // Requires: the origin's window has just accepted it; the origin is not this node.
  void on_taken(Member& origin, Sequence sequence);
  // The low half of what an authenticated frame of the origin says its next sequence is.
  void on_stated(Member& origin, std::uint32_t next);
  // Both only once this node has joined.
  void on_timer();
  std::optional<Instant> next_deadline() const;
  std::size_t size() const noexcept { return gaps_.size(); }

 private:
  struct Gap {
    NodeId origin{};
    Sequence sequence;
    Generation generation;
    bool is_stated = false;  // nothing signed says that it exists
    unsigned tries = 0;
    Instant due;
  };
  using Gaps = std::vector<Gap>;
  struct Before;

  void notice(Member& origin, Sequence end, bool is_stated);
  void add(const Member& origin, Sequence sequence, bool is_stated);
  void trim(Member& origin, std::size_t most);
  void doubt(Member& origin);
  void drop_one();
  bool is_open(const Gap& gap);
  void drop_closed();
  void ask(const Gap& first);
  Member* whom(const Gap& gap, Member& origin);
  Duration grace() const noexcept;
  static Duration pause_after(unsigned tries) noexcept;

  CoreState& s_;
  Sender& sender_;
  PeerPicker picker_;
  Gaps gaps_;          // by origin and sequence
  Instant due_;        // of the first that is due, or earlier; meaningless if there are none
  Instant next_want_;  // not before
};

static_assert(EventGaps::kItems <= limits::kWants, "they go into one Want");

}  // namespace quorumor
