// An application's events: signed by their origin, delivered once everywhere, gone after their TTL. What is believed is
// that the origin said it, nothing more: corroborated events are refused for now (PROTOCOL section 10).
//
// Cheapest first: layout, policy, who the origin is and that it speaks as the process that we know, its window, time,
// the payload's digest, its quota; then the signature; only then anything changes. So nobody can mark a sequence as
// taken, use up an origin's quota, or fill the store without the origin's signature.
//
// Verdicts: `refused` is what no honest member passes on. What an honest one may pass on although it is nothing for us
// (known, out of time, too old, over quota, of a former process) is `known`, so that it never costs the forwarder.
//
// Time: an event is for those whose clock is within [at - kSkew, at + ttl + kSkew]. Clocks further apart than that lose
// events; they never get one twice, because the window knows no time.
//
// Quota: an origin has an event every kEvery and bursts of kBurst, at each receiver (GCRA). Its own node holds it to
// kOwnBurst, so that an honest origin stays within what jitter on the way makes of its bursts.
//
// Live events are held until their time is over, so that a sync can tell those who missed them, and a Want be answered
// (event_gaps.h: what was missed is asked for).
// Bound: kLiveMax of kLiveBytes in all. When full, those out of time go first, then the oldest of the origin that has
// most: an origin that floods displaces its own.
//
// Once each, across restarts: windows are in the snapshot. It is written at most every 10 s; an event taken after the
// last one may be told again after a crash, while it lives. A clean end writes the last one.
#pragma once

#include "node/core/event_gaps.h"
#include "node/core/intake_result.h"
#include "node/core/self_claim.h"

#include <map>

namespace quorumor {

class Events {
 public:
  static constexpr std::chrono::milliseconds kSkew{5000};
  static constexpr Duration kEvery = 100ms;  // 10 a second
  static constexpr unsigned kBurst = 100;
  static constexpr unsigned kOwnBurst = 50;
  static constexpr std::uint64_t kReissueAfter = 256;  // own events, until the own core names the next sequence
  static constexpr std::size_t kLiveMax = 512;
  static constexpr std::size_t kLiveBytes = 256 * 1024;

  Events(CoreState& state, SelfClaim& self, EventGaps& gaps) : s_(state), self_(self), gaps_(gaps) {}

  // What broadcast would say now.
  std::optional<BroadcastError> check(std::string_view name, std::size_t payload, std::chrono::milliseconds ttl) const;
  // Signs, queues, and delivers to this node itself; re-issues the own core every kReissueAfter.
  // Requires: check says nothing.
  void broadcast(std::string_view name, Bytes payload, std::chrono::milliseconds ttl);

  // What a snapshot remembers of an origin's window: counts only while its core is still of that generation.
  void restore(const SnapshotWindow& window);

  // Requires: rumor.kind == event. If the result is `orphaned`, missing() is what it depends on, waiting() itself.
  IntakeResult take(const Rumor& rumor);
  const WantItem& missing() const noexcept { return missing_; }
  const WantItem& waiting() const noexcept { return waiting_; }
  // An authenticated frame of the origin's present process says that its next event will have this sequence.
  void on_stated(Member& origin, std::uint32_t next) { gaps_.on_stated(origin, next); }

  struct LiveKey {
    NodeId origin{};
    Sequence sequence;
    friend auto operator<=>(const LiveKey&, const LiveKey&) = default;
  };
  // Those whose time is not over, newest first. For a sync.
  std::vector<LiveKey> live();
  std::size_t held() const noexcept { return live_.size(); }            // at most kLiveMax
  std::size_t held_bytes() const noexcept { return live_bytes_; }       // at most kLiveBytes
  // Empty record if it is not held any more, or its time is over. The views live until the next non-const call.
  Rumor find(const NodeId& origin, Sequence sequence) const;

 private:
  struct Live {
    ByteVector record;
    ByteVector payload;
    WallTime ends;
    std::uint64_t age = 0;  // grows: newer is greater; unique
    std::size_t size() const noexcept { return record.size() + payload.size(); }
  };
  using Store = std::map<LiveKey, Live>;

  IntakeResult orphan(RumorKind kind, const EventHeader& event) noexcept;
  IntakeResult judge(const EventHeader& event, const Member& origin, const Rumor& rumor);
  IntakeResult meet_again(const Member& origin, const Rumor& rumor, const LiveKey& key);
  bool in_time(const EventHeader& event) const noexcept;
  bool has_quota(const Member& origin, unsigned burst) const noexcept;
  bool verify_event(const Member& origin, const Rumor& rumor);
  void apply(Member& origin, const EventHeader& event, const Rumor& rumor);
  void keep(const EventHeader& event, const Rumor& rumor);
  void drop_ended();
  void drop_one();
  Store::iterator erase(Store::iterator at);

  CoreState& s_;
  SelfClaim& self_;
  EventGaps& gaps_;
  WantItem missing_, waiting_;
  Store live_;
  std::size_t live_bytes_ = 0;
  std::uint64_t next_age_ = 1;
};

}  // namespace quorumor
