// Who may witness whose death, under one epoch's seed: the members of the population ranked by rendezvous hashing,
// lowest H(seed, subject, member) first. Every reader computes the same order from the same membership, nobody is told
// it, and nobody chooses it: seeds are chained (crypto/announcement.h), ids are the authority's to give.
//
//   key(subject)   = the first 16 bytes of BLAKE2b keyed with the seed, "quorumor observers", subject
//   value(member)  = SipHash-2-4 under that key of the member's id; ties by id
//
// SipHash, because a first ranking takes one for each member, and 64 bits under a key are enough to order 16,384 of
// them. The seed is no secret among members: what liars must not do is choose it or their ids, and they do neither.
//
// Cost. Of each subject asked about only the best-ranked prefix is kept, with room to spare, and brought up to date
// from the population's journal when it is next asked for: one SipHash an arrival, a scan of the prefix a departure.
// A full scan happens for a new subject, after kJournal missed changes, or when departures have eaten the spare room.
//
// Bounds: at most kSubjects rankings and kEntries entries in all (of 16 bytes: 1.3 MB); past that the ranking used
// longest ago goes. Steady state allocates nothing. Not thread-safe. The population must outlive this.
#pragma once

#include "crypto/hash.h"
#include "defense/population.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <span>

namespace quorumor {

class Observers {
 public:
  static constexpr std::size_t kSubjects = 512;
  static constexpr std::size_t kEntries = 81'920;
  static constexpr std::size_t kSpare = 32;  // entries beyond what was asked for

  struct Ranked {
    std::uint64_t value = 0;
    Population::Slot slot = Population::kNone;
  };

  Observers(const Population& population, const Digest& seed) : population_(population), seed_(seed) {}

  const Digest& seed() const noexcept { return seed_; }
  // The best-ranked `count` members for this subject, never itself, best first; fewer only if there are no more. Valid
  // until the next call here or change of the population.
  std::span<const Ranked> best(const NodeId& subject, std::size_t count);
  // True if the member's own value shows that it is not among the best `count`, without ranking anybody: a first look
  // at what strangers say costs two hashes, not a scan. Wrong with probability under 10^-12; false means nothing.
  bool is_far(const NodeId& subject, const NodeId& member, std::size_t count) const noexcept;
  std::size_t rankings_held() const noexcept { return rankings_.size(); }
  std::uint64_t full_scans() const noexcept { return full_scans_; }

  static ByteArray<16> key_of(const Digest& seed, const NodeId& subject) noexcept;

 private:
  struct Ranking {
    NodeId subject{};
    ByteArray<16> key{};
    std::vector<Ranked> prefix;  // ascending; holds every member up to its last one
    bool whole = false;          // it holds every member there is
    std::size_t capacity = 0;    // it is cut to this
    std::uint64_t version = 0;   // of the population
    std::uint64_t used = 0;
  };

  std::size_t ranking_of(const NodeId& subject, std::size_t capacity);
  std::size_t rankings_max(std::size_t capacity) const noexcept;
  void scan(Ranking& ranking, std::size_t capacity);
  bool catch_up(Ranking& ranking);
  void insert(Ranking& ranking, const NodeId& id, Population::Slot slot);

  const Population& population_;
  Digest seed_;
  std::vector<Ranking> rankings_;
  boost::unordered_flat_map<NodeId, std::size_t, Population::IdHash> index_;  // never iterated
  std::vector<Ranked> scratch_;
  std::uint64_t clock_ = 0;  // of uses
  std::uint64_t full_scans_ = 0;
};

}  // namespace quorumor
