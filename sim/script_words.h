// The parts of the script interpreter (script.h says what the language is). Private to this room.
#pragma once

#include "sim/liar.h"

#include <set>

namespace quorumor::sim {

struct ScriptError {
  std::string message;
};

// The words of one command, taken from the left. Whatever is missing or not of its kind is a ScriptError.
class Words {
 public:
  explicit Words(const std::string& line);
  bool empty() const noexcept { return next_ == words_.size(); }
  std::size_t size() const noexcept { return words_.size() - next_; }
  std::string peek() const { return empty() ? "" : words_[next_]; }
  std::string take(const std::string& what);
  std::uint64_t number();
  Duration duration();
  std::uint32_t rate();  // "20%" as ppm
  bool on_or_off();
  MemberState state();

 private:
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

bool is_event(const std::string& kind);

class ScriptRun {
 public:
  ScriptRun();
  ~ScriptRun();
  void execute(const std::string& line);
  const std::string& trace() const noexcept { return trace_; }

 private:
  using Index = World::Index;
  using Command = void (ScriptRun::*)(Words&);
  struct Claim {
    Index subject = 0;
    MemberState state = MemberState::unknown;
    std::vector<Index> readers;  // none: all
  };
  static Command find_command(const std::string& verb);
  void on_nodes(Words& words);
  void on_keymaster(Words& words);
  void on_seeds(Words& words);
  void on_defense(Words& words);
  void on_bootstrap(Words& words);
  void on_start(Words& words);
  void on_crash(Words& words);
  void on_wipe(Words& words);
  void on_leave(Words& words);
  void on_join(Words& words);
  void on_pause(Words& words);
  void on_accuse(Words& words);
  void on_revoke(Words& words);
  void on_force_leave(Words& words);
  void on_renew(Words& words);
  void on_cut(Words& words);
  void on_heal(Words& words);
  void on_loss(Words& words);
  void on_latency(Words& words);
  void on_run(Words& words);
  void on_until(Words& words);
  void on_expect_state(Words& words);
  void on_expect_count(Words& words);
  void on_trace(Words& words);

  World& world();
  Index node(const std::string& name);
  Index running(Words& words);
  Index stopped(Words& words);
  Index other_than(Index node);
  std::vector<Index> group(Words& words);
  Claim take_claim(Words& words, bool duration_follows);
  std::string complaint(const Claim& claim);
  std::string name_of(const Event& e);
  void on_event(const Recorded& r);
  void write(const std::string& text);

  std::uint64_t seed_ = 1;
  std::unique_ptr<World> world_;
  Instant origin_;
  std::set<std::pair<Index, Index>> cuts_;
  std::map<std::string, std::uint64_t> counts_;  // events, by kind
  bool tracing_ = true;
  std::string trace_;
};

}  // namespace quorumor::sim
