// A member that lies. It has what a Byzantine member has: its credential, the epoch keys, and a process that does as it
// says; it cannot sign for others. It lives beside an honest core and acts through it by CoreAccess, so that all
// that it sends is well-formed, sealed and on time, and production code knows nothing of it.
//
// Lies: it accuses whom it likes, at the coordinate that it holds, to whom it likes, for ever; it refuses to relay;
// it tells no rumor, so that nothing spreads by it. All else its core does as an honest one would.
// It signs for all epochs of its ring, but whether it was drawn to watch a subject is not its to choose: its word
// counts where an honest one's would, and `counts_against` says where. Whom it does not watch it cannot harm.
// A liar may outlive its node's crash: until the node runs again it does nothing. Not thread-safe.
#pragma once

#include "sim/world.h"

#include <map>

namespace quorumor::sim {

class Liar {
 public:
  using Index = World::Index;
  // Requires: the world outlives the liar; the liar outlives nothing that it started (its timers die with it).
  Liar(World& world, Index node);
  ~Liar();
  Liar(const Liar&) = delete;
  Liar& operator=(const Liar&) = delete;

  Index node() const noexcept { return node_; }
  // Signs that `subject` does not answer, and tells `readers` of it; nobody given: every running member but the
  // subject. Nothing happens if this node holds no claim of the subject.
  void accuse(Index subject, std::vector<Index> readers = {});
  // Does its word count against this subject, in its own view, under any live epoch?
  bool counts_against(Index subject) const;
  // The same every `interval` from now on, each time at the subject's coordinate of that time.
  void keep_accusing(Index subject, Duration interval, std::vector<Index> readers = {});
  void stop_accusing();
  // Whoever asks it to relay hears nothing.
  void refuse_relays();
  // It passes on nothing, and says nothing of itself but in answers.
  void keep_rumors();
  // Accusations told, counted for each reader.
  std::uint64_t told() const noexcept { return told_; }

 private:
  struct Lie {
    Coordinate at;
    ByteVector record;
  };
  const ByteVector* record_about(Index subject);
  void repeat(Index subject, Duration interval, const std::vector<Index>& readers);

  World& world_;
  Index node_;
  std::shared_ptr<std::uint64_t> campaign_;  // a timer of an earlier one does nothing
  std::map<Index, Lie> lies_;                // the last one about each subject: signed once a coordinate
  std::uint64_t told_ = 0;
};

}  // namespace quorumor::sim
