// What a scenario does to its cluster.
#include "sim/authority.h"
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
    case What::block:
      on_block(action);
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
    case What::retire:
      on_epochs(action);
      break;
    case What::revoke:
      on_revoke(action);
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
    set_pause(i, true);
    later(*action.lasts, [this, i] {
      if (cast_[i].paused) set_pause(i, false);  // else it crashed meanwhile
    });
  }
}

void Run::on_block(const Action& action) {
  for (const Index i : pick(action.who, world_, cast_, Eligible::running, rng_)) {
    if (!world_.is_running(i) || cast_[i].blocked) continue;
    set_block(i, true);
    later(*action.lasts, [this, i, boot = world_.boot(i)] {
      if (cast_[i].blocked && world_.boot(i) == boot) set_block(i, false);
    });
  }
}

void Run::on_join(const Action& action) {
  for (std::size_t n = 0; n < action.count; ++n) {
    const Index i = add_member(false);
    cast_.add();
    if (action.peers.kind == Picks::Kind::none) {
      give_seeds(i);
    } else {
      world_.set_seeds(i, pick(action.peers, world_, cast_, Eligible::any, rng_));
    }
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

NetworkModel::Links Run::links_of(const Action& action) {
  NetworkModel::Links out;
  out.both_ways = !action.one_way;
  out.from = pick(action.who, world_, cast_, Eligible::any, rng_);
  out.to = pick(action.peers, world_, cast_, Eligible::any, rng_);
  if (action.peers.kind != Picks::Kind::none) return out;
  for (Index i = 0; i < world_.size(); ++i) {
    if (!std::binary_search(out.from.begin(), out.from.end(), i)) out.to.push_back(i);
  }
  return out;
}

// One rule for all the links: what is said of them costs as much as there are machines.
void Run::on_links(const Action& action) {
  NetworkModel& network = world_.network();
  auto links = std::make_shared<const NetworkModel::Links>(links_of(action));
  // The few are whom it is about: a hundredth that loses what it is sent makes no suspect of all that send to it.
  const bool few_send = links->from.size() <= links->to.size(), few_hear = links->to.size() <= links->from.size();
  for (const Index i : few_send ? links->from : links->to) cast_.note_at_fault(i);
  for (const Index i : few_hear ? links->to : links->from) cast_.note_at_fault(i);
  for (const Index i : links->from) note(std::string(to_string(action.what)), i);
  NetworkModel::RuleId rule = 0;
  if (action.what == What::cut) rule = network.cut(*links);
  if (action.what == What::flip_flop) rule = network.flip_flop(*links, world_.now(), action.open, action.shut);
  if (action.what == What::degrade) rule = network.set_links(*links, action.profile);
  disturb(action, *links);
  if (!action.lasts) return;
  later(*action.lasts, [this, &action, links, rule] {
    world_.network().undo(rule);
    disturb(action, *links);
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

// A keymaster that may not (the minimum interval; nothing to retire) does nothing; the time line says that it was
// asked.
void Run::on_epochs(const Action& action) {
  std::vector<Index> who = pick(action.who, world_, cast_, Eligible::running, rng_);
  if (action.who.kind == Picks::Kind::none) who = {0};
  for (const Index i : who) {
    if (!world_.is_running(i) || cast_[i].paused) continue;
    note(to_string(action.what), i);
    world_.act(i, [&](NodeCore& core) -> std::span<const Output> {
      const auto* newest = core.ring().newest_with_key();
      if (newest == nullptr) return {};
      const auto done = action.what == What::rotate ? core.rotate(world_.now())
                                                    : core.retire(world_.now(), Epoch{newest->epoch().value - 1});
      return done ? done.value() : std::span<const Output>();
    });
  }
}

// Any honest member that runs spreads the record. Where none does, nobody is revoked.
void Run::on_revoke(const Action& action) {
  Picks anybody;
  anybody.kind = Picks::Kind::all;
  for (const Index i : pick(action.who, world_, cast_, Eligible::any, rng_)) {
    std::vector<Index> by = pick(anybody, world_, cast_, Eligible::running, rng_);
    std::erase_if(by, [&](Index b) { return b == i || !cast_.is_reader(b); });
    if (by.empty() || cast_[i].revoked) continue;
    cast_.revoke(i);
    disturb(i);
    note("revoke", i);
    revoke(world_, i, by[static_cast<std::size_t>(rng_.below(by.size()))]);
  }
}

void Run::disturb(Index i) {
  cast_.note_disturbed(i, world_.now());
  links_touched_.insert(i);
}

// A link's fault is both ends'; but where nobody named the other ends, they are simply everybody else, and the fault is
// that of `who`.
void Run::disturb(const Action& action, const NetworkModel::Links& links) {
  if (links.from.empty() || links.to.empty()) return;
  for (const Index i : links.from) disturb(i);
  if (action.peers.kind == Picks::Kind::none) return;
  for (const Index i : links.to) disturb(i);
}

void Run::mark(const std::string& what) { note(what, World::kNobody); }

}  // namespace quorumor::sim
