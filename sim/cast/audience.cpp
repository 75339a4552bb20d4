#include "sim/cast/audience.h"

#include <algorithm>

namespace quorumor::sim {

Audience::Audience(const Stage& stage) : stage_(stage) {
  World& world = stage.world;
  world.set_listener([this](const Recorded& r) { each([&](Watcher& w) { w.on_event(stage_, r); }); });
  world.set_tap([this](World::Index from, const Transmit& t) { each([&](Watcher& w) { w.on_datagram(stage_, from, t); }); });
  world.set_delivery([this](World::Index from, World::Index to, Bytes datagram) {
    each([&](Watcher& w) { w.on_delivery(stage_, from, to, datagram); });
  });
  world.set_delivered([this](World::Index from, World::Index to, Bytes datagram) {
    each([&](Watcher& w) { w.on_delivered(stage_, from, to, datagram); });
  });
}

Audience::~Audience() {
  World& world = stage_.world;
  world.set_listener(nullptr);
  world.set_tap(nullptr);
  world.set_delivery(nullptr);
  world.set_delivered(nullptr);
}

void Audience::tell_phase(Phase phase) {
  each([&](Watcher& w) { w.on_phase(stage_, phase); });
}

void Audience::tell_action(const std::string& what, World::Index node) {
  each([&](Watcher& w) { w.on_action(stage_, what, node); });
}

void Audience::run_for(Duration duration) {
  World& world = stage_.world;
  const Instant end = world.now() + duration;
  while (world.now() < end) {
    const Duration since = (world.now() - stage_.began) % Duration{1s};
    const Duration to_next = since < Duration::zero() ? -since : Duration{1s} - since;
    const Duration step = std::min(to_next, end - world.now());
    world.run_for(step);
    if (step == to_next) each([&](Watcher& w) { w.on_second(stage_); });
  }
}

}  // namespace quorumor::sim
