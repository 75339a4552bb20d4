// Nobody's claim is believed without its owner's signature: every credential, core and body that an honest member holds
// is one that the authority, or the owner's own process, has really signed. Of an honest owner a good signature is not
// enough: it must be the very core that its process published at that coordinate.
//
// When: whatever an event tells of; each second kSample held members in turn; at the end all (kAtEnd at most).
#include "sim/check/parts.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

class SignedClaims final : public Checker {
 public:
  static constexpr std::size_t kSample = 512;
  static constexpr std::size_t kAtEnd = 40'000;  // 200 members'

  explicit SignedClaims(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "signed-claims"; }

  void on_event(const Stage& stage, const Recorded& r) override {
    shared_->trace.note(stage, r);
    shared_->records.read(stage, r.node);
    const auto subject = subject_of(stage, r.event);
    if (subject && stage.world.is_running(r.node)) check(stage, r.node, stage.world.id(*subject));
  }
  void on_action(const Stage& stage, const std::string& what, World::Index node) override {
    shared_->trace.note(stage, what, node);
    shared_->records.read(stage, node);
  }
  void on_datagram(const Stage& stage, World::Index from, const Transmit&) override {
    shared_->records.read(stage, from);
  }
  void on_delivered(const Stage& stage, World::Index, World::Index to, Bytes) override {
    shared_->records.read(stage, to);
  }
  void on_second(const Stage& stage) override {
    for (World::Index i = 0; i < stage.world.size(); ++i) shared_->records.read(stage, i);
    sample(stage, kSample);
  }
  void on_phase(const Stage& stage, Phase phase) override {
    const std::size_t n = stage.world.size();
    if (phase == Phase::over) sample(stage, std::min(kAtEnd, n * n));
  }

 private:
  // Goes on where it stopped: first the readers one after another, then the next place in their tables.
  void sample(const Stage& stage, std::size_t count) {
    const World& world = stage.world;
    for (; count > 0 && world.size() > 0; --count) {
      if (++reader_ >= world.size()) {
        reader_ = 0;
        ++place_;
      }
      if (!world.is_running(reader_)) continue;
      const auto& all = look_into(world, reader_).table.all();
      check(stage, reader_, all[place_ % all.size()]->id());
    }
  }

  void check(const Stage& stage, World::Index reader, const NodeId& id) {
    if (!stage.cast.is_honest(reader)) return;
    const Member* member = held_by(stage.world, reader, id);
    if (member == nullptr) return;
    const std::string what = find_fault(stage, *member);
    if (what.empty()) return;
    const auto subject = stage.world.find(id).value_or(World::kNobody);
    violated(stage, name_of(stage, reader) + " holds " + what + " of " + name_of(stage, subject),
             shared_->trace.window(stage, reader, subject));
  }

  // What is wrong with it; empty: nothing.
  std::string find_fault(const Stage& stage, const Member& member) {
    SignedRecords& records = shared_->records;
    if (!records.is_good_credential(stage, member)) return "a credential without the authority's signature";
    if (!member.core) return {};
    if (member.body && body_digest(member.body->record) != member.core->whole().body_digest) {
      return "a body that is not its core's";
    }
    const auto owner = stage.world.find(member.id());
    const Coordinate& at = member.core->core.at;
    if (owner && stage.cast.is_honest(*owner)) {
      records.read(stage, *owner);
      const HeldCore* published = records.published(*owner, at);
      if (published != nullptr && equal(published->record, member.core->record)) return {};
      if (published != nullptr) return "another core than its process published";
    }
    return records.is_good_core(stage, member) ? std::string{} : "a core without its owner's signature";
  }

  SharedPtr shared_;
  World::Index reader_ = 0;
  std::size_t place_ = 0;
};

}  // namespace

std::unique_ptr<Checker> signed_claims_checker(SharedPtr shared) {
  return std::make_unique<SignedClaims>(std::move(shared));
}

}  // namespace quorumor::sim
