// What owners have signed: each machine's own cores, read from its own process whenever it may have made one, and which
// records of members that lie, or of processes that are gone, have a good signature. So that "is this held core its
// owner's?" costs a comparison for honest members and one verification a record for all others.
//
// Bound: kCores newest cores an owner, kVerified digests of verified records.
#pragma once

#include "sim/cast/inspect.h"
#include "sim/cast/watcher.h"

#include <boost/unordered/unordered_flat_set.hpp>
#include <vector>

namespace quorumor::sim {

class SignedRecords {
 public:
  static constexpr std::size_t kCores = 64;
  static constexpr std::size_t kVerified = std::size_t{1} << 20;

  // Reads a machine's own core, if it runs. An honest process tells nobody a core before this was called: it is called
  // around each datagram and event of its own, and each second for what goes over streams.
  void read(const Stage& stage, World::Index owner);
  // The greatest coordinate that it has published; nothing if it never ran.
  std::optional<Coordinate> greatest(World::Index owner) const;
  // What it published at this coordinate; nullptr if nothing that is remembered.
  const HeldCore* published(World::Index owner, const Coordinate& at) const;

  // Verified with the record's own signature; the answer is remembered.
  bool is_good_core(const Stage& stage, const Member& member);
  bool is_good_credential(const Stage& stage, const Member& member);

 private:
  struct Owner {
    std::vector<HeldCore> cores;  // ascending
  };
  template <class Verify>
  bool once(Bytes record, Bytes key, Verify verify);

  std::vector<Owner> owners_;
  boost::unordered_flat_set<std::uint64_t> verified_;  // never iterated
};

}  // namespace quorumor::sim
