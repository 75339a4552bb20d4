// What the tests of rotation share: a cluster of quick members whose epochs may follow one another after a second, and
// ways to rotate it and to ask how far that is.
#pragma once

#include "node/core/impl.h"
#include "node/core/support.h"

namespace quorumor::test {

struct RotationLab {
  sim::World world;
  std::size_t n;

  // The first `keymasters` members may rotate; the first bootstraps.
  RotationLab(std::uint64_t seed, std::size_t members, std::size_t keymasters = 1, Config config = Config::local())
      : world(seed), n(members) {
    ClusterParameters parameters;
    parameters.min_interval_s = 1;
    world.set_parameters(parameters);
    for (std::size_t i = 0; i < n; ++i) {
      sim::NodeSpec s = spec("n" + std::to_string(i), i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
      s.roles = i < keymasters ? std::vector<std::string>{std::string(kKeymasterRole)} : std::vector<std::string>{};
      s.config = config;
      if (i == 0) s.seeds = {1, 2};
      world.add(std::move(s));
    }
    world.set_seeds(0, {});
    world.start(0, true);
    world.run_for(100ms);
    for (std::size_t i = 1; i < n; ++i) world.start(i);
    world.set_seeds(0, {1, 2});  // from its next start
    REQUIRE(world.run_until([&] { return world.all_alive(); }, 20s));
    world.run_for(2s);
  }

  std::optional<KeysError> rotate(std::size_t node, const RotateOptions& options = {}) {
    std::optional<KeysError> error;
    world.act(node, [&](NodeCore& core) -> std::span<const Output> {
      const auto done = core.rotate(world.now(), options);
      if (!done) error = done.error();
      return done ? done.value() : std::span<const Output>{};
    });
    return error;
  }
  std::optional<KeysError> retire(std::size_t node, std::uint64_t through) {
    std::optional<KeysError> error;
    world.act(node, [&](NodeCore& core) -> std::span<const Output> {
      const auto done = core.retire(world.now(), Epoch{through});
      if (!done) error = done.error();
      return done ? done.value() : std::span<const Output>{};
    });
    return error;
  }
  Epoch epoch_of(std::size_t node) { return world.peek(node).stats().epoch; }
  // Every running member holds the key of the epoch of that number that `by` holds.
  bool all_hold(std::uint64_t epoch) {
    for (std::size_t i = 0; i < n; ++i) {
      if (world.is_running(i) && epoch_of(i) != Epoch{epoch}) return false;
    }
    return true;
  }
  // And it is the same one everywhere.
  bool all_agree() {
    std::optional<Commitment> common;
    for (std::size_t i = 0; i < n; ++i) {
      if (!world.is_running(i)) continue;
      const auto* newest = world.peek(i).ring().newest_with_key();
      if (newest == nullptr || (common && *common != newest->commitment())) return false;
      common = newest->commitment();
    }
    return true;
  }
  bool all_retired(std::uint64_t through) {
    for (std::size_t i = 0; i < n; ++i) {
      if (world.is_running(i) && world.peek(i).ring().retired_floor() < Epoch{through}) return false;
    }
    return true;
  }
  std::uint64_t sum(const std::function<std::uint64_t(const Stats&)>& of) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (world.is_running(i)) out += of(world.peek(i).stats());
    }
    return out;
  }
  std::uint64_t unreadable() {
    return sum([](const Stats& s) { return dropped(s, DropReason::unknown_epoch); });
  }
  std::uint64_t refused(AnnouncementRefusal reason) {
    return sum([&](const Stats& s) { return s.counters.announcements_refused[static_cast<std::size_t>(reason)]; });
  }
};

}  // namespace quorumor::test
