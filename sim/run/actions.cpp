// What a scenario does to its cluster.
#include "sim/run/run_parts.h"

#include <algorithm>

namespace quorumor::sim {

using What = Action::What;

void Run::note(const std::string& what, Index node) {
  audience_.tell_action(what, node);
  if (options_.trace != nullptr) options_.trace->action(world_.now(), what, node);
}

void Run::later(Duration after, std::function<void()> what) {
  world_.call_at(world_.now() + after, [alive = acting_, what = std::move(what)] {
    if (*alive) what();
  });
}

void Run::schedule(const Action& action) {
  later(action.at, [this, &action] { perform(action); });
}

void Run::perform(const Action& action) {
  switch (action.what) {
    case What::crash:
      on_crash(action);
      break;
    case What::restart:
      on_restart(action);
      break;
    case What::leave:
      on_leave(action);
      break;
    case What::pause:
      on_pause(action);
      break;
    case What::join:
      on_join(action);
      break;
    case What::churn:
      on_churn(action);
      break;
    case What::cut:
    case What::flip_flop:
    case What::degrade:
      on_links(action);
      break;
    case What::mend:
      on_mend();
      break;
    case What::skew:
      on_skew(action);
      break;
    case What::event:
      on_event_sent(action);
      break;
    case What::rotate:
      on_rotate(action);
      break;
  }
  const bool again = action.every && (!action.until || world_.now() - stage_.began + *action.every <= *action.until);
  if (again) later(*action.every, [this, &action] { perform(action); });
}

void Run::on_crash(const Action& action) {
  for (const Index i : pick(action.who, world_, cast_, Eligible::running, rng_)) {
    if (!world_.is_running(i)) continue;
    stop_member(i, Fault::crash);
    if (action.lasts)
      later(*action.lasts, [this, i] {
        if (!world_.is_running(i)) start_member(i);
      });
  }
}

void Run::on_restart(const Action& action) {
  for (const Index i : pick(action.who, world_, cast_, Eligible::stopped, rng_)) {
    if (world_.is_running(i)) continue;
    if (action.wipe) world_.wipe_disk(i);
    start_member(i);
  }
}

void Run::on_leave(const Action& action) {
  for (const Index i : pick(action.who, world_, cast_, Eligible::running, rng_)) {
    if (!world_.is_running(i) || cast_[i].paused) continue;
    note("leave", i);
    world_.leave(i);
  }
}

void Run::on_pause(const Action& action) {
  for (const Index i : pick(action.who, world_, cast_, Eligible::running, rng_)) {
    if (!world_.is_running(i) || cast_[i].paused) continue;
    world_.set_pause(i, true);
    cast_.note_paused(i, true, world_.now());
    note("pause", i);
    later(*action.lasts, [this, i] {
      if (!cast_[i].paused) return;  // it crashed meanwhile
      world_.set_pause(i, false);
      cast_.note_paused(i, false, world_.now());
      note("resume", i);
    });
  }
}

// An operator gives addresses of members that run.
void Run::on_join(const Action& action) {
  Picks seeds;
  seeds.kind = Picks::Kind::number;
  seeds.count = scenario_.cluster.joins_by;
  for (std::size_t n = 0; n < action.count; ++n) {
    const std::vector<Index> by = pick(seeds, world_, cast_, Eligible::running, rng_);
    const Index i = add_member(false);
    world_.set_seeds(i, by);
    cast_.add();
    start_member(i);
  }
}

void Run::on_churn(const Action& action) {
  const std::vector<Index> all = pick(action.who, world_, cast_, Eligible::running, rng_);
  if (all.empty()) return;
  const Index i = all[static_cast<std::size_t>(rng_.below(all.size()))];
  if (!world_.is_running(i)) return;
  stop_member(i, Fault::crash);
  later(*action.lasts, [this, i] {
    if (!world_.is_running(i)) start_member(i);
  });
}

void Run::for_links(const Action& action, const std::function<void(Index, Index)>& each) {
  const std::vector<Index> who = pick(action.who, world_, cast_, Eligible::any, rng_);
  std::vector<Index> peers = pick(action.peers, world_, cast_, Eligible::any, rng_);
  if (action.peers.kind == Picks::Kind::none) {
    for (Index i = 0; i < world_.size(); ++i) {
      if (!std::binary_search(who.begin(), who.end(), i)) peers.push_back(i);
    }
  }
  for (const Index a : who) {
    for (const Index b : peers) {
      if (a == b) continue;
      each(a, b);
      if (!action.one_way) each(b, a);
    }
  }
  // The few are whom it is about: a hundredth that loses what it is sent makes no suspect of all that send to it.
  for (const Index a : who.size() <= peers.size() ? who : peers) cast_.note_at_fault(a);
  for (const Index b : who.size() == peers.size() ? peers : std::vector<Index>{}) cast_.note_at_fault(b);
  for (const Index a : who) note(std::string(to_string(action.what)), a);
}

void Run::on_links(const Action& action) {
  auto touched = std::make_shared<std::vector<std::pair<Index, Index>>>();
  for_links(action, [&](Index from, Index to) {
    touched->emplace_back(from, to);
    if (action.what == What::cut) world_.network().cut(from, to);
    if (action.what == What::flip_flop) {
      world_.network().flip_flop(from, to, world_.now(), action.open, action.shut);
    }
    if (action.what == What::degrade) world_.network().set_link(from, to, action.profile);
    disturb(from);
    disturb(to);
  });
  if (!action.lasts) return;
  later(*action.lasts, [this, touched, degraded = action.what == What::degrade] {
    for (const auto& [from, to] : *touched) {
      if (degraded)
        world_.network().set_link(from, to, LinkProfile{});
      else
        world_.network().mend(from, to);
      disturb(from);
      disturb(to);
    }
    mark("mended");
  });
}

void Run::on_mend() {
  world_.network().mend_all();
  world_.network().clear_exceptions();
  for (const Index i : links_touched_) cast_.note_disturbed(i, world_.now());
  mark("mend");
}

void Run::on_skew(const Action& action) {
  for (const Index i : pick(action.who, world_, cast_, Eligible::running, rng_)) {
    world_.set_wall_offset_now(i, action.behind ? -action.offset : action.offset);
    disturb(i);
    note("skew", i);
  }
}

void Run::on_event_sent(const Action& action) {
  for (const Index i : pick(action.who, world_, cast_, Eligible::running, rng_)) {
    if (!world_.is_running(i) || cast_[i].paused) continue;
    note("event", i);
    world_.broadcast(i, "sim", std::string(action.size, 'x'));
  }
}

// A keymaster that may not yet (the minimum interval) does nothing; the time line says that it was asked.
void Run::on_rotate(const Action& action) {
  std::vector<Index> who = pick(action.who, world_, cast_, Eligible::running, rng_);
  if (action.who.kind == Picks::Kind::none) who = {0};
  for (const Index i : who) {
    if (!world_.is_running(i) || cast_[i].paused) continue;
    note("rotate", i);
    world_.act(i, [this](NodeCore& core) {
      const auto rotated = core.rotate(world_.now());
      return rotated ? rotated.value() : std::span<const Output>();
    });
  }
}

// A link's fault is both ends'.
void Run::disturb(Index i) {
  cast_.note_disturbed(i, world_.now());
  links_touched_.insert(i);
}

void Run::mark(const std::string& what) { note(what, World::kNobody); }

}  // namespace quorumor::sim
