#include "membership/precedence.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

namespace quorumor {
namespace {

using S = MemberState;
constexpr std::array kStates{S::unknown, S::alive, S::suspect, S::unreachable, S::dead, S::left, S::evicted};

// Every input there is: 7 states times 2^6 facts.
std::vector<StateInputs> all_inputs() {
  std::vector<StateInputs> out;
  for (const S current : kStates) {
    for (unsigned bits = 0; bits < 64; ++bits) {
      out.push_back({.current = current,
                     .evicted = (bits & 1) != 0,
                     .leaving = (bits & 2) != 0,
                     .accused = (bits & 4) != 0,
                     .condemned = (bits & 8) != 0,
                     .window_over = (bits & 16) != 0,
                     .seen_alive = (bits & 32) != 0});
    }
  }
  return out;
}

std::string describe(const StateInputs& in) {
  std::string out = std::string("current ") + to_string(in.current);
  if (in.evicted) out += " evicted";
  if (in.leaving) out += " leaving";
  if (in.accused) out += " accused";
  if (in.condemned) out += " condemned";
  if (in.window_over) out += " window_over";
  if (in.seen_alive) out += " seen_alive";
  return out;
}

// The oracle knows no order of rules: it collects every state for which there is a ground, and the greatest wins.
S greatest_grounded(const StateInputs& in) {
  std::set<S> grounds{S::unknown};
  const bool was_live = in.current == S::alive || in.current == S::suspect;
  if (in.seen_alive || was_live) grounds.insert(S::alive);
  if (in.accused) grounds.insert(S::suspect);
  if (in.accused && in.window_over) grounds.insert(S::unreachable);
  if (in.current == S::unreachable && !(in.seen_alive && !in.accused)) grounds.insert(S::unreachable);
  if (in.accused && in.window_over && in.condemned) grounds.insert(S::dead);
  if (in.leaving) grounds.insert(S::left);
  if (in.evicted) grounds.insert(S::evicted);
  if (in.current >= S::dead) grounds.insert(in.current);
  return *grounds.rbegin();
}

TEST_CASE("precedence: every input decides as the oracle does") {
  const auto inputs = all_inputs();
  REQUIRE(inputs.size() == 448);
  for (const StateInputs& in : inputs) {
    INFO(describe(in));
    CHECK_EQ(std::string(to_string(decide_state(in))), std::string(to_string(greatest_grounded(in))));
  }
}

TEST_CASE("precedence: properties of every input") {
  for (const StateInputs& in : all_inputs()) {
    INFO(describe(in));
    const S out = decide_state(in);
    // Evicted beats everything; Left beats all but that.
    if (in.evicted) CHECK(out == S::evicted);
    if (in.leaving && !in.evicted && in.current != S::evicted) CHECK(out == S::left);
    // Terminal states and Dead are never left downwards, whatever is seen or lapses.
    if (in.current >= S::dead) CHECK(out >= in.current);
    if (in.current == S::dead && !in.leaving && !in.evicted) CHECK(out == S::dead);
    // Nobody becomes Dead without a whole window, an accusation and the verdict.
    if (out == S::dead && in.current != S::dead) CHECK((in.window_over && in.accused && in.condemned));
    // Nobody becomes Unreachable or Dead, or stays Suspect, without an accusation.
    if (!in.accused && out != in.current) CHECK((out == S::alive || out >= S::left));
    if (!in.accused) CHECK(out != S::suspect);
    // The window is over and the verdict is missing.
    const bool open = in.current < S::dead && !in.evicted && !in.leaving;
    if (open && in.window_over && in.accused && !in.condemned) CHECK(out == S::unreachable);
    if (open && in.window_over && in.accused && in.condemned) CHECK(out == S::dead);
    if (open && in.accused) CHECK(out != S::alive);
    // No evidence, no opinion; and once there is one, it does not vanish.
    const bool nothing = !in.seen_alive && !in.accused && !in.leaving && !in.evicted;
    if (nothing && in.current == S::unknown) CHECK(out == S::unknown);
    if (in.current != S::unknown) CHECK(out != S::unknown);
    // What Left and Evicted were decided on.
    if (out == S::left) CHECK((in.leaving || in.current == S::left));
    if (out == S::evicted) CHECK((in.evicted || in.current == S::evicted));
  }
}

TEST_CASE("precedence: more evidence never lowers a state, and deciding again changes nothing") {
  for (const StateInputs& in : all_inputs()) {
    INFO(describe(in));
    const S out = decide_state(in);
    for (bool StateInputs::*fact : {&StateInputs::evicted, &StateInputs::leaving, &StateInputs::accused,
                                    &StateInputs::condemned}) {
      StateInputs more = in;
      more.*fact = true;
      CHECK(decide_state(more) >= out);
    }
    StateInputs again = in;
    again.current = out;
    CHECK(decide_state(again) == out);
  }
}

TEST_CASE("precedence: a newer core wakes everybody, for whatever it is not accused of itself") {
  // The caller's protocol for a newer core: current = unknown, seen_alive, no accusation at the new coordinate.
  CHECK(decide_state({.current = S::unknown, .seen_alive = true}) == S::alive);
  CHECK(decide_state({.current = S::unknown, .leaving = true, .seen_alive = true}) == S::left);
  CHECK(decide_state({.current = S::unknown, .evicted = true, .seen_alive = true}) == S::evicted);
  CHECK(decide_state({.current = S::unknown, .accused = true, .seen_alive = true}) == S::suspect);
}

struct Step {
  const char* story;
  StateInputs in;
  S out;
};

TEST_CASE("precedence: the known stories") {
  const Step steps[] = {
      {"the same incarnation does not clear Suspect", {.current = S::suspect, .accused = true, .seen_alive = true},
       S::suspect},
      {"the same incarnation does not wake the dead", {.current = S::dead, .seen_alive = true}, S::dead},
      {"retiring an epoch does not wake the dead", {.current = S::dead}, S::dead},
      {"the only accuser was evicted", {.current = S::suspect}, S::alive},
      {"out of reach, accusations lapsed, not seen", {.current = S::unreachable}, S::unreachable},
      {"out of reach, accusations lapsed, seen", {.current = S::unreachable, .seen_alive = true}, S::alive},
      {"out of reach, accused again", {.current = S::unreachable, .accused = true}, S::unreachable},
      {"out of reach, the k-th accusation arrives",
       {.current = S::unreachable, .accused = true, .condemned = true, .window_over = true}, S::dead},
      {"a verdict without a window", {.current = S::alive, .accused = true, .condemned = true}, S::suspect},
      {"a verdict that suspects nobody", {.current = S::alive, .condemned = true, .window_over = true}, S::alive},
      {"force-leave of the dead", {.current = S::dead, .leaving = true}, S::left},
      {"a proof against one that left", {.current = S::left, .evicted = true}, S::evicted},
      {"leaving does not pardon", {.current = S::evicted, .leaving = true}, S::evicted},
  };
  for (const Step& step : steps) {
    INFO(step.story);
    CHECK(decide_state(step.in) == step.out);
  }
}

Digest digest_of(unsigned char last) {
  Digest out{};
  out.back() = std::byte{last};
  return out;
}

TEST_CASE("precedence: cores are ordered by serial, then generation, then incarnation") {
  // Ascending; each is older than all after it, although its later fields may be greater.
  const Coordinate ascending[] = {
      {Serial{1}, Generation{1}, Incarnation{1}}, {Serial{1}, Generation{1}, Incarnation{9}},
      {Serial{1}, Generation{2}, Incarnation{0}}, {Serial{1}, Generation{9}, Incarnation{9}},
      {Serial{2}, Generation{0}, Incarnation{0}}, {Serial{2}, Generation{0}, Incarnation{~0ULL}},
      {Serial{~0ULL}, Generation{0}, Incarnation{0}}};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t j = 0; j < std::size(ascending); ++j) {
      Core held;
      Core offered;
      held.at = ascending[i];
      offered.at = ascending[j];
      CAPTURE(i);
      CAPTURE(j);
      const CoreVerdict same = judge_core(held.at, digest_of(1), offered.at, digest_of(1));
      const CoreVerdict other = judge_core(held.at, digest_of(1), offered.at, digest_of(2));
      // Away from the held coordinate the digests decide nothing.
      CHECK(same == (j < i ? CoreVerdict::older : j > i ? CoreVerdict::newer : CoreVerdict::duplicate));
      CHECK(other == (j < i ? CoreVerdict::older : j > i ? CoreVerdict::newer : CoreVerdict::conflict));
    }
  }
}

TEST_CASE("precedence: all keep the same one of two conflicting cores, in whatever order they came") {
  Digest high_first = digest_of(0);
  high_first.front() = std::byte{0x80};  // as a signed char it would be the lesser
  CHECK(conflict_prefers_offered(digest_of(2), digest_of(1)));
  CHECK_FALSE(conflict_prefers_offered(digest_of(1), digest_of(2)));
  CHECK_FALSE(conflict_prefers_offered(digest_of(1), digest_of(1)));
  CHECK(conflict_prefers_offered(high_first, digest_of(255)));
  CHECK_FALSE(conflict_prefers_offered(digest_of(255), high_first));
}

TEST_CASE("precedence: every state has its own name") {
  std::set<std::string> names;
  for (const S state : kStates) names.insert(to_string(state));
  CHECK(names == std::set<std::string>{"unknown", "alive", "suspect", "unreachable", "dead", "left", "evicted"});
  CHECK(std::string(to_string(S::unreachable)) == "unreachable");
  CHECK(std::string(to_string(S::dead)) == "dead");
}

}  // namespace
}  // namespace quorumor
