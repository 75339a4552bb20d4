// The ground truth of a run: who lies, and what was done to whom and when. Checkers and measures hold what members
// believe against it. The runner writes it as it acts; nobody else does. Not thread-safe.
#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace quorumor::sim {

enum class Fault : std::uint8_t {
  none,
  crash,     // its process is gone, without a word
  pause,     // its process stands still
  leave,     // it left by itself
  cut,       // some link of its own is cut, flip-flops, or loses more than the bounds allow
  skew       // its wall clock is off
};

class Cast {
 public:
  using Index = std::size_t;

  struct Role {
    bool byzantine = false;              // from the beginning to the end of the run
    bool running = false;
    bool paused = false;
    bool blocked = false;                // it handles no message, and its timers run on; still a reader
    bool left = false;                   // by its own leave, this boot
    bool revoked = false;                // by the authority, for ever: it may neither speak nor be heard
    bool disturbed = false;              // some fault has touched it in this run: not "healthy" in Lifeguard's sense
    // Some fault was aimed at it: it crashed, paused, was blocked, or was a link's smaller side.
    bool at_fault = false;
    std::optional<Instant> started_at;   // of the present boot
    std::optional<Instant> stopped_at;   // crash or end of leave; empty while it runs
    std::optional<Instant> resumed_at;   // end of the last pause
    std::optional<Instant> unblocked_at; // end of the last block
    std::optional<Instant> disturbed_at; // when a fault last began or ended
    unsigned boots = 0;
  };

  explicit Cast(std::size_t n = 0) : roles_(n) {}

  std::size_t size() const noexcept { return roles_.size(); }
  const Role& operator[](Index i) const { return roles_[i]; }
  std::size_t byzantine() const noexcept { return byzantine_; }
  bool is_honest(Index i) const { return !roles_[i].byzantine; }
  // Running, not paused, honest, not revoked: whose view counts.
  bool is_reader(Index i) const {
    const Role& role = roles_[i];
    return role.running && !role.paused && !role.byzantine && !role.revoked;
  }

  // --- for the runner ---
  Index add();                                   // the next machine
  void corrupt(Index i);
  void revoke(Index i) { roles_[i].revoked = true; }
  void note_started(Index i, Instant at);
  void note_stopped(Index i, Instant at, Fault why);
  void note_paused(Index i, bool paused, Instant at);
  void note_blocked(Index i, bool blocked, Instant at);
  void note_disturbed(Index i, Instant at);      // its links, its clock
  void note_at_fault(Index i) { roles_[i].at_fault = true; }

 private:
  void note_held_up(Index i, bool& is, std::optional<Instant>& ended_at, bool will_be, Instant at);

  std::vector<Role> roles_;
  std::size_t byzantine_ = 0;
};

}  // namespace quorumor::sim
