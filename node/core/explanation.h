// Why a member is in the state that it is in, at this node: who accuses it and whose word counts, how the window runs,
// what this node's own look found, what is still missing for a death. State is local (PROTOCOL section 5), so an
// operator who sees a member die must be able to ask each node for its own reasons.
//
// Only a report: it decides nothing, and reads what transitions.h decides by. Values, not views: it outlives the call.
// Times are ages, counted back from `at`, because the core knows no calendar. Bounds stand beside the lists.
#pragma once

#include "node/core/transitions.h"

#include <string>
#include <string_view>

namespace quorumor {

// What an accusation is worth to this reader, now.
enum class Weight : std::uint8_t {
  counts,           // one of the k, muted or not
  not_an_observer,  // does not rank among those that count
  out_of_reach,     // Dead or Unreachable itself: its place is given on
  not_a_member      // unknown, left or evicted
};

struct Explanation {
  struct Past {
    Duration age{};
    MemberState state = MemberState::unknown;
    std::string reason;
  };
  struct Rank {
    Epoch epoch;
    std::optional<unsigned> rank;  // 0 is the first; nothing: too low, or the epoch is not live
  };
  struct Accuser {
    NodeId id{};
    std::string name;  // empty if this node does not know it
    Generation generation;
    boost::container::static_vector<Rank, limits::kAccusationEpochs> ranks;
    Duration heard{};
    Weight weight = Weight::counts;
    unsigned refuted = 0;  // times, not forgiven yet
    bool muted = false;    // refuted twice: its word alone makes nobody a suspect
    bool self = false;
  };
  struct Observer {
    NodeId id{};
    std::string name;
    MemberState state = MemberState::unknown;
    bool self = false;
  };
  struct Muted {
    NodeId id{};
    std::string name;
    unsigned refuted = 0;
  };
  struct Window {
    Duration began{};   // age
    Duration ends_in{};  // negative: it ended so long ago
    bool over = false;   // what ends it has happened; a last look may hold it open past ends_in
    unsigned deferrals = 0;  // of Doubt::kDeferralsMost
  };

  Instant at;
  NodeId id{};
  std::string name;
  bool self = false;
  bool has_claim = false;  // a core is held; else coordinate is empty
  MemberState state = MemberState::unknown;
  Duration since{};
  Coordinate coordinate;
  std::vector<Past> history;  // oldest first, at most Member::kHistory

  bool defended = false;            // by a quorum; else one accuser is enough, and nobody looks for itself
  Tally tally;
  std::vector<Accuser> accusers;    // ascending by id, at most kWitnessesHeld
  std::vector<Observer> silent;     // observers under the newest epoch that have not accused it, best rank first
  std::vector<Muted> muted;         // whom this member has refuted twice, at most Muting::kMutingMax
  std::optional<Window> window;     // Suspect, Unreachable and Dead
  Look look = Look::none;
  std::optional<Duration> look_ended;  // age
  std::optional<Duration> last_heard;  // age
  std::optional<Duration> round_trip;  // mean, once it is known well enough
  double phi = 0;
  bool may_declare = false;         // this node has synced with enough members to declare anybody dead
  std::size_t synced_with = 0, syncs_needed = 0;
  std::uint64_t refutations = 0;    // of this node itself, since it started
  // What is still missing for Dead, each one phrase; or why the question does not arise. Empty for Dead.
  std::vector<std::string> missing;
};

const char* to_string(Weight weight) noexcept;  // "counts", "not_an_observer", ...
const char* to_string(Look look) noexcept;      // "none", "due", ...

// By name, or by id as 32 hexadecimal digits. Of several members of one name (an old machine and its successor) the one
// that lives, then the one whose state changed last. Nothing if there is none. `now`, which a quiet core was last told
// long ago, is for the ages alone. Costs a walk of the ranks for each accuser and epoch: for operators.
std::optional<Explanation> explain(const CoreState& state, const Transitions& transitions, std::string_view name,
                                   Instant now);

}  // namespace quorumor
