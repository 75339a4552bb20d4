// Members that lie in joins and syncs: by leaving out, by what was true once, by more than anybody can use. They
// rewrite what their streams carry (rewriting.h); in datagrams they are honest.
#include "sim/adversary/families.h"
#include "sim/adversary/rewriting.h"
#include "sim/signing.h"

#include <map>
#include <set>

namespace quorumor::sim {
namespace {

class SyncLiars : public Scheme {
 public:
  using Scheme::Scheme;

 protected:
  // What becomes of the rumors of one message; says whether it lied.
  virtual bool edit(Index liar, std::vector<Rumor>& rumors) = 0;

  void begin() override {
    for (const Index liar : liars()) {
      const auto rewriter = std::make_shared<StreamRewriter>([this, liar](std::vector<Rumor>& rumors) {
        if (edit(liar, rumors)) count();
      });
      meddle(liar, [rewriter](NodeCore&, std::span<const Output> outputs) { return rewriter->rewrite(outputs); });
    }
  }
};

// Leaves out the targets, or a share of all members that do not lie.
class SyncOmitter final : public SyncLiars {
 public:
  using SyncLiars::SyncLiars;

 private:
  void begin() override {
    omitted_.clear();
    for (const Index target : targets()) omitted_.insert(world().id(target));
    for (Index i = 0; targets().empty() && i < world().size(); ++i) {
      if (!is_colluder(i) && rng().below(kAllPpm) < part().share_ppm) omitted_.insert(world().id(i));
    }
    SyncLiars::begin();
  }
  bool edit(Index, std::vector<Rumor>& rumors) override {
    return std::erase_if(rumors, [&](const Rumor& rumor) {
             const auto owner = owner_of(rumor);
             return owner && omitted_.contains(*owner);
           }) > 0;
  }
  std::set<NodeId> omitted_;
};

// Tells of the targets, or of everybody, what it held when it began to lie.
class SyncStale final : public SyncLiars {
 public:
  using SyncLiars::SyncLiars;

 private:
  struct Records {
    ByteVector credential, core, body;
  };
  void prepare(Index liar) override {  // at the first boot it is where it begins; later ones know no older past
    for (const auto& m : state_of(world(), liar).table.all()) {
      const auto index = world().find(m->id());
      const bool named = targets().empty() ? index && !is_colluder(*index)
                                           : index && std::count(targets().begin(), targets().end(), *index) != 0;
      if (!named || !m->core || !m->body) continue;
      past_.try_emplace(m->id(), Records{m->credential->record, to_vector(m->core->record), m->body->record});
    }
  }
  bool edit(Index, std::vector<Rumor>& rumors) override {
    bool lied = false;
    for (Rumor& rumor : rumors) {
      const auto owner = owner_of(rumor);
      const auto past = owner ? past_.find(*owner) : past_.end();
      if (past == past_.end()) continue;
      const Bytes before = rumor.record;
      if (rumor.kind == RumorKind::credential) rumor.record = past->second.credential;
      if (rumor.kind == RumorKind::core) rumor.record = past->second.core;
      if (rumor.kind == RumorKind::body) rumor.record = past->second.body;
      lied = lied || !equal(before, rumor.record);
    }
    return lied;
  }
  std::map<NodeId, Records> past_;
};

// Tells `count` more claims of its own in each message, each newer than the one before and validly signed: each has to
// be verified. Its claim really moves on so, or it would meet its own lies one day and hold them for a clone's.
class SyncFlooder final : public SyncLiars {
 public:
  using SyncLiars::SyncLiars;
  static constexpr std::size_t kDefault = 500;
  static constexpr std::size_t kMost = 5'000;

 private:
  bool edit(Index liar, std::vector<Rumor>& rumors) override {
    CoreState& s = CoreAccess::impl(world().core(liar)).state;
    const std::size_t many = std::min(part().count == 0 ? kDefault : part().count, kMost);
    claims_.clear();
    Core core = s.self->core->whole();
    for (std::size_t i = 0; i < many; ++i) {
      const auto next = core.at.incarnation.next();
      if (!next) break;
      core.at.incarnation = *next;
      claims_.push_back(sign_core(s, core));
    }
    if (claims_.empty()) return false;
    publish_core(s, core);
    // Its body is whatever claim's it is: all of these name the same.
    for (const ByteVector& claim : claims_) rumors.push_back({RumorKind::core, claim, {}});
    return true;
  }
  std::vector<ByteVector> claims_;
};

}  // namespace

std::unique_ptr<Adversary> make_sync_omitter(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<SyncOmitter>(part, std::move(context));
}
std::unique_ptr<Adversary> make_sync_stale(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<SyncStale>(part, std::move(context));
}
std::unique_ptr<Adversary> make_sync_flooder(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<SyncFlooder>(part, std::move(context));
}

}  // namespace quorumor::sim
