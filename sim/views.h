// Who sees whom in which state, kept up to date from the events that the nodes give: one byte for each pair, and
// counts, so that "everybody sees everybody Alive" is one comparison instead of n * n questions after every event.
// Rests on the core's promise that no change of a state goes unseen; World re-reads a node whose core a test touched
// directly. Two machines with one identity are one subject and two readers.
// Memory: n * n bytes. Not thread-safe.
#pragma once

#include "node/core/output.h"

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <vector>

namespace quorumor::sim {

class Views {
 public:
  using Index = std::size_t;

  void add(const NodeId& id);  // the next machine
  void on_start(Index reader);
  void on_stop(Index reader);
  void on_event(Index reader, const Event& event);
  void set(Index reader, const NodeId& subject, MemberState state);

  // The machine that first had this id; nothing if no machine has.
  std::optional<Index> find(const NodeId& id) const;
  bool is_same(Index a, Index b) const { return identity_[a] == identity_[b]; }
  std::size_t running() const noexcept { return running_; }
  MemberState state(Index subject, Index reader) const { return rows_[reader][identity_[subject]]; }
  bool all_see(MemberState state, Index subject) const;  // every running machine but those of the subject itself
  bool all_alive() const;

 private:
  using Counts = std::array<std::size_t, 7>;  // by MemberState; those that know nothing of it are not counted
  void change(Index reader, Index identity, MemberState to);

  boost::unordered_flat_map<NodeId, Index, std::hash<NodeId>> by_id_;
  std::vector<Index> identity_;                  // of a machine: the first one with its id
  std::vector<std::vector<MemberState>> rows_;   // [reader][identity]
  std::vector<Counts> seen_;                     // [identity]: by how many other running machines, in which state
  std::vector<std::size_t> machines_;            // [identity]: how many run
  std::size_t running_ = 0;
  std::size_t wanted_ = 0;  // pairs of a running identity and another running machine
  std::size_t alive_ = 0;   // of those, seen Alive
};

}  // namespace quorumor::sim
