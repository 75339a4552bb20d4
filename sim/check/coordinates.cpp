// Incarnations and generations move only by their owner: what anybody holds of an honest member never exceeds what that
// member has itself published, and what it publishes never goes back: not within a boot, and from boot to boot its
// generation strictly rises. (Before it has joined, a new process may still have to learn how high its last one was.)
#include "sim/check/parts.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

std::string text(const Coordinate& at) {
  return std::to_string(at.serial.value) + "/" + std::to_string(at.generation.value) + "/" +
         std::to_string(at.incarnation.value);
}

class OwnIncarnations final : public Checker {
 public:
  explicit OwnIncarnations(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "own-incarnations"; }

  void on_event(const Stage& stage, const Recorded& r) override {
    check_own(stage, r.node);
    const auto subject = subject_of(stage, r.event);
    if (!subject || !stage.cast.is_honest(*subject) || !stage.cast.is_honest(r.node)) return;
    shared_->records.read(stage, *subject);
    check_held(stage, r.node, *subject, r.event.generation, r.event.incarnation);
  }
  void on_action(const Stage& stage, const std::string&, World::Index node) override { check_own(stage, node); }
  void on_datagram(const Stage& stage, World::Index from, const Transmit&) override { check_own(stage, from); }
  void on_delivered(const Stage& stage, World::Index, World::Index to, Bytes) override { check_own(stage, to); }
  void on_second(const Stage& stage) override {
    const std::size_t n = stage.world.size();
    for (World::Index i = 0; i < n; ++i) check_own(stage, i);
    if (n == 0) return;
    reader_ = (reader_ + 1) % n;  // one reader a second, all that it holds
    check_reader(stage, reader_);
  }
  void on_phase(const Stage& stage, Phase phase) override {
    if (phase != Phase::over) return;
    for (World::Index i = 0; i < std::min<std::size_t>(stage.world.size(), 200); ++i) check_reader(stage, i);
  }

 private:
  struct Own {
    unsigned boot = 0;
    Coordinate at;
    bool known = false;
  };

  void check_reader(const Stage& stage, World::Index reader) {
    if (!stage.world.is_running(reader) || !stage.cast.is_honest(reader)) return;
    for (const auto& m : look_into(stage.world, reader).table.all()) {
      const auto subject = stage.world.find(m->id());
      if (!m->core || !subject || *subject == reader || !stage.cast.is_honest(*subject)) continue;
      shared_->records.read(stage, *subject);
      check_held(stage, reader, *subject, m->core->core.at.generation, m->core->core.at.incarnation);
    }
  }

  void check_held(const Stage& stage, World::Index reader, World::Index subject, Generation generation,
                  Incarnation incarnation) {
    const auto greatest = shared_->records.greatest(subject);
    if (greatest && std::tie(generation, incarnation) <= std::tie(greatest->generation, greatest->incarnation)) return;
    if (generation == Generation{} && incarnation == Incarnation{}) return;  // its core is not known
    violated(stage,
             name_of(stage, reader) + " holds " + name_of(stage, subject) + " at " + std::to_string(generation.value) +
                 "/" + std::to_string(incarnation.value) + ", above " + (greatest ? text(*greatest) : "anything") +
                 " that it has published",
             shared_->trace.window(stage, reader, subject));
  }

  void check_own(const Stage& stage, World::Index node) {
    if (node >= stage.world.size() || !stage.world.is_running(node) || !stage.cast.is_honest(node)) return;
    const CoreState& state = look_into(stage.world, node);
    if (!state.joined || !state.self->core) return;
    if (own_.size() < stage.world.size()) own_.resize(stage.world.size());
    Own& own = own_[node];
    const Coordinate& at = state.self->core->core.at;
    const unsigned boot = stage.cast[node].boots;
    const bool back = own.known && (boot == own.boot ? at < own.at : at.generation <= own.at.generation);
    if (back) {
      violated(stage, name_of(stage, node) + " went back from " + text(own.at) + " to " + text(at),
               shared_->trace.window(stage, node, node));
    }
    own = {boot, at, true};
  }

  SharedPtr shared_;
  std::vector<Own> own_;
  World::Index reader_ = 0;
};

}  // namespace

std::unique_ptr<Checker> own_incarnations_checker(SharedPtr shared) {
  return std::make_unique<OwnIncarnations>(std::move(shared));
}

}  // namespace quorumor::sim
