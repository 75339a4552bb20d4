// The checkers of this room, one a file; `safety_checkers` makes them. What several need is made once and shared.
#pragma once

#include "sim/check/checker.h"
#include "sim/check/signed_records.h"
#include "sim/check/trace.h"

namespace quorumor::sim {

struct Shared {
  Trace trace;
  SignedRecords records;
};
using SharedPtr = std::shared_ptr<Shared>;

std::unique_ptr<Checker> no_false_death_checker(SharedPtr shared);
std::unique_ptr<Checker> signed_claims_checker(SharedPtr shared);
std::unique_ptr<Checker> own_incarnations_checker(SharedPtr shared);
std::unique_ptr<Checker> no_replay_checker(SharedPtr shared);
std::unique_ptr<Checker> equal_incarnation_checker(SharedPtr shared);
std::unique_ptr<Checker> memory_bound_checker(SharedPtr shared);
std::unique_ptr<Checker> no_oversize_checker(SharedPtr shared);
std::unique_ptr<Checker> verdicts_checker(SharedPtr shared);
std::unique_ptr<Checker> retirements_checker(SharedPtr shared);
std::unique_ptr<Checker> evicted_checker(SharedPtr shared);

// The member that an event is about, if it is one of those that tell a member's state or claim.
std::optional<World::Index> subject_of(const Stage& stage, const Event& event);
// "n3", "n3 of n5": for sentences.
std::string name_of(const Stage& stage, World::Index node);

}  // namespace quorumor::sim
