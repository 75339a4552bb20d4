#include "sim/check/checker.h"

#include "sim/check/parts.h"

namespace quorumor::sim {

void Checker::violated(const Stage& stage, std::string what, std::vector<std::string> trace) {
  ++count_;
  if (violations_.size() >= kViolationsMax) return;
  violations_.push_back({std::string(promise()), stage.world.now(), std::move(what), std::move(trace)});
}

std::vector<std::unique_ptr<Checker>> safety_checkers(const Stage&) {
  const auto shared = std::make_shared<Shared>();
  std::vector<std::unique_ptr<Checker>> out;
  // First, because it tells the others what the owners have signed.
  out.push_back(signed_claims_checker(shared));
  out.push_back(own_incarnations_checker(shared));
  out.push_back(no_false_death_checker(shared));
  out.push_back(verdicts_checker(shared));
  out.push_back(equal_incarnation_checker(shared));
  out.push_back(no_replay_checker(shared));
  out.push_back(retirements_checker(shared));
  out.push_back(evicted_checker(shared));
  out.push_back(memory_bound_checker(shared));
  out.push_back(no_oversize_checker(shared));
  return out;
}

std::optional<World::Index> subject_of(const Stage& stage, const Event& event) {
  switch (event.kind) {
    case Event::Kind::member_alive:
    case Event::Kind::member_suspect:
    case Event::Kind::member_unreachable:
    case Event::Kind::member_dead:
    case Event::Kind::member_left:
    case Event::Kind::member_updated:
    case Event::Kind::member_evicted: return stage.world.find(event.id);
    default: return std::nullopt;
  }
}

std::string name_of(const Stage& stage, World::Index node) {
  return node < stage.world.size() ? stage.world.spec(node).name : std::string("nobody");
}

}  // namespace quorumor::sim
