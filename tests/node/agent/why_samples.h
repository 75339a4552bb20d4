// One explanation with something in every field, as the tests of its JSON and of its text use it.
#pragma once

#include "node/core/explanation.h"

namespace quorumor {

inline NodeId why_id(unsigned char n) {
  NodeId out{};
  out.fill(std::byte{n});
  return out;
}

// n5 is suspect here, at a node that is called n1.
inline Explanation suspect_sample() {
  Explanation e;
  e.at = Instant{100s};
  e.id = why_id(5);
  e.name = "n5";
  e.has_claim = true;
  e.state = MemberState::suspect;
  e.since = 2'400ms;
  e.coordinate = {Serial{7}, Generation{~std::uint64_t{0}}, Incarnation{3}};
  e.history = {{65s, MemberState::alive, "new claim"}, {2'400ms, MemberState::suspect, "accused by n4"}};
  e.defended = true;
  e.tally = {.counting = 2, .needed = 3, .suspected = true, .condemned = false, .quorum = true};
  Explanation::Accuser own;
  own.id = why_id(1);
  own.name = "n1";
  own.generation = Generation{std::uint64_t{1} << 60};
  own.ranks.push_back({Epoch{1}, std::nullopt});
  own.ranks.push_back({Epoch{2}, 0U});
  own.heard = 500ms;
  own.self = true;
  Explanation::Accuser muted;
  muted.id = why_id(4);
  muted.name = "n4";
  muted.generation = Generation{4};
  muted.ranks.push_back({Epoch{2}, 5U});
  muted.heard = 2'400ms;
  muted.refuted = 2;
  muted.muted = true;
  Explanation::Accuser gone;
  gone.id = why_id(9);
  gone.generation = Generation{9};
  gone.ranks.push_back({Epoch{2}, std::nullopt});
  gone.heard = 2s;
  gone.weight = Weight::out_of_reach;
  gone.refuted = 1;
  e.accusers = {own, muted, gone};
  e.silent = {{why_id(2), "n2", MemberState::alive, false}, {why_id(3), "n3", MemberState::suspect, false}};
  e.muted = {{why_id(4), "n4", 2}};
  e.window = Explanation::Window{2'400ms, 1'600ms, false, 1};
  e.look = Look::none;
  e.last_heard = 5'900ms;
  e.round_trip = 1'250us;
  e.phi = 12.345;
  e.may_declare = true;
  e.synced_with = 3;
  e.syncs_needed = 3;
  e.missing = {"1 more accuser of 3 needed", "the window ends in 1.6 s"};
  return e;
}

inline Explanation dead_sample() {
  Explanation e = suspect_sample();
  e.state = MemberState::dead;
  e.since = 3s;
  e.history.push_back({3s, MemberState::dead, "no refutation in time, accused by 3, last look unanswered"});
  e.tally = {.counting = 3, .needed = 3, .suspected = true, .condemned = true, .quorum = true};
  e.silent.clear();
  e.muted.clear();
  e.accusers.resize(1);
  e.window = Explanation::Window{7s, -3s, true, 0};
  e.look = Look::failed;
  e.look_ended = 3'100ms;
  e.missing.clear();
  return e;
}

inline Explanation own_sample() {
  Explanation e;
  e.id = why_id(1);
  e.name = "n1";
  e.self = true;
  e.has_claim = true;
  e.state = MemberState::alive;
  e.since = 90s;
  e.defended = true;
  e.synced_with = 1;
  e.syncs_needed = 3;
  e.refutations = 4;
  e.missing = {"nobody accuses it"};
  return e;
}

}  // namespace quorumor
