#include "sim/script.h"

#include "membership/precedence.h"
#include "sim/authority.h"
#include "sim/script_words.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace quorumor::sim {
namespace {

[[noreturn]] void fail(std::string message) { throw ScriptError{std::move(message)}; }

std::string at_time(Instant at, Instant origin) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at - origin).count();
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%4lld.%03llds ", static_cast<long long>(ms / 1000),
                static_cast<long long>(ms % 1000));
  return out.data();
}

}  // namespace

ScriptRun::ScriptRun() = default;
ScriptRun::~ScriptRun() = default;

World& ScriptRun::world() {
  if (!world_) {
    world_ = std::make_unique<World>(seed_);
    origin_ = world_->now();
    world_->set_listener([this](const Recorded& r) { on_event(r); });
    world_->set_reachable([this](Index from, Index to) { return !cuts_.contains({from, to}); });
  }
  return *world_;
}

void ScriptRun::write(const std::string& text) {
  if (tracing_) trace_ += at_time(world_ ? world_->now() : origin_, origin_) + text + "\n";
}

std::string ScriptRun::name_of(const Event& e) {
  if (e.endpoint.port == 0) return e.name;
  for (Index i = 0; i < world().size(); ++i) {
    if (world().endpoint(i) == e.endpoint) return world().spec(i).name;
  }
  return e.endpoint.to_string();
}

void ScriptRun::on_event(const Recorded& r) {
  ++counts_[to_string(r.event.kind)];
  // The process ends, but not in the middle of its own call.
  if (r.event.kind == Event::Kind::left || r.event.kind == Event::Kind::revoked) {
    world().call_at(r.at, [this, node = r.node] {
      if (world().is_running(node)) world().crash(node);
    });
  }
  const std::string& who = world().spec(r.node).name;
  const std::string about = name_of(r.event);
  write(who + ": " + (about == who ? "" : about + " ") + to_string(r.event.kind) +
        (r.event.reason.empty() ? "" : ", " + r.event.reason));
}

void ScriptRun::execute(const std::string& line) {
  Words words(line);
  const std::string verb = words.take("a command");
  if (verb == "seed") {
    if (world_) fail("`seed` must come first");
    seed_ = words.number();
  } else if (const auto command = find_command(verb)) {
    if (verb != "trace") write("> " + line);
    (this->*command)(words);
  } else {
    fail("unknown command `" + verb + "`");
  }
  if (!words.empty()) fail("unexpected `" + words.take("") + "` at the end");
}

// --- nodes -------------------------------------------------------------------------------------------------------

World::Index ScriptRun::node(const std::string& name) {
  for (Index i = 0; i < world().size(); ++i) {
    if (world().spec(i).name == name) return i;
  }
  fail("no node is called `" + name + "`");
}

World::Index ScriptRun::running(Words& words) {
  const std::string name = words.take("a node");
  const Index n = node(name);
  if (!world().is_running(n)) fail(name + " is not running");
  return n;
}

World::Index ScriptRun::stopped(Words& words) {
  const std::string name = words.take("a node");
  const Index n = node(name);
  if (world().is_running(n)) fail(name + " is running");
  return n;
}

void ScriptRun::on_nodes(Words& words) {
  const std::uint64_t n = words.number();
  if (n < 1 || n > 250) fail("1 to 250 nodes");
  if (world().size() != 0) fail("`nodes` was there before");
  for (std::size_t i = 0; i < n; ++i) {
    NodeSpec spec;
    spec.name = "n" + std::to_string(i + 1);
    if (i == 0) spec.roles = {std::string(kKeymasterRole)};
    if (i != 0) spec.seeds = {0};
    world().add(std::move(spec));
  }
}

void ScriptRun::on_keymaster(Words& words) { world().set_roles(stopped(words), {std::string(kKeymasterRole)}); }

void ScriptRun::on_seeds(Words& words) {
  const Index n = node(words.take("a node"));
  std::vector<Index> seeds;
  while (!words.empty()) seeds.push_back(node(words.take("a node")));
  world().set_seeds(n, std::move(seeds));
}

void ScriptRun::on_defense(Words& words) {
  ClusterParameters parameters;
  parameters.defense = words.on_or_off();
  world().set_parameters(parameters);
}

void ScriptRun::on_bootstrap(Words& words) { world().start(stopped(words), true); }

void ScriptRun::on_start(Words& words) {
  if (words.peek() != "all") {
    do world().start(stopped(words));
    while (!words.empty());
    return;
  }
  words.take("");
  if (world().size() == 0) fail("there are no nodes");
  if (!world().is_running(0)) {
    world().start(0, true);
    world().run_for(100ms);
  }
  for (Index i = 1; i < world().size(); ++i) {
    if (!world().is_running(i)) world().start(i);
  }
}

void ScriptRun::on_crash(Words& words) {
  do world().crash(running(words));
  while (!words.empty());
}

void ScriptRun::on_wipe(Words& words) { world().wipe_disk(stopped(words)); }
void ScriptRun::on_leave(Words& words) { world().leave(running(words)); }

void ScriptRun::on_join(Words& words) {
  const Index n = running(words);
  world().join(n, {world().endpoint(node(words.take("a node")))});
}

void ScriptRun::on_pause(Words& words) {
  const Index n = running(words);
  const Duration how_long = words.duration();
  world().set_pause(n, true);
  world().call_at(world().now() + how_long, [this, n] {
    write("> " + world().spec(n).name + " goes on");
    world().set_pause(n, false);
  });
}

void ScriptRun::on_accuse(Words& words) {
  const Index who = running(words);
  const Index subject = node(words.take("a node"));
  std::vector<Index> readers;
  while (!words.empty()) readers.push_back(running(words));
  Liar(world(), who).accuse(subject, std::move(readers));
}

// --- the authority ------------------------------------------------------------------------------------------------

World::Index ScriptRun::other_than(Index n) {
  for (Index i = 0; i < world().size(); ++i) {
    if (i != n && world().is_running(i)) return i;
  }
  fail("no other node is running");
}

void ScriptRun::on_revoke(Words& words) {
  const Index n = node(words.take("a node"));
  if (const auto error = revoke(world(), n, other_than(n))) fail(to_string(*error));
}

void ScriptRun::on_force_leave(Words& words) {
  const Index n = node(words.take("a node"));
  if (const auto error = force_leave(world(), n, other_than(n))) fail(to_string(*error));
}

void ScriptRun::on_renew(Words& words) {
  if (const auto error = renew(world(), node(words.take("a node")))) fail(to_string(*error));
}

// --- the network -------------------------------------------------------------------------------------------------

std::vector<World::Index> ScriptRun::group(Words& words) {
  std::vector<Index> out;
  while (!words.empty() && words.peek() != "|" && words.peek() != "->" && words.peek().back() != '%') {
    const std::string name = words.take("a node");
    if (name == "all") {
      for (Index i = 0; i < world().size(); ++i) out.push_back(i);
    } else {
      out.push_back(node(name));
    }
  }
  if (out.empty()) fail("expected a node");
  return out;
}

void ScriptRun::on_cut(Words& words) {
  std::vector<Index> left = group(words), right;
  const bool one_way = words.peek() == "->";
  if (words.empty()) {
    if (left.size() != 2) fail("two nodes, or two groups with `|` or `->` between them");
    right = {left.back()};
    left.pop_back();
  } else {
    words.take("");
    right = group(words);
  }
  for (const Index a : left) {
    for (const Index b : right) {
      if (a == b) continue;
      cuts_.insert({a, b});
      if (!one_way) cuts_.insert({b, a});
    }
  }
}

void ScriptRun::on_heal(Words&) {
  cuts_.clear();
  world().set_loss(0);
  world().clear_link_losses();
}

void ScriptRun::on_loss(Words& words) {
  if (words.peek().empty() || words.peek().back() == '%') return world().set_loss(words.rate());
  const std::vector<Index> from = group(words);
  if (words.take("`->`") != "->") fail("expected `->` between senders and receivers");
  const std::vector<Index> to = group(words);
  const std::uint32_t ppm = words.rate();
  for (const Index a : from) {
    for (const Index b : to) {
      if (a != b) world().set_loss(a, b, ppm);
    }
  }
}

void ScriptRun::on_latency(Words& words) {
  const Duration least = words.duration();
  const Duration most = words.duration();
  if (most < least) fail("the most is less than the least");
  world().set_latency(least, most);
}

// --- time and expectations -----------------------------------------------------------------------------------------

void ScriptRun::on_run(Words& words) { world().run_for(words.duration()); }

void ScriptRun::on_until(Words& words) {
  if (words.peek() == "all-alive") {
    words.take("");
    const Duration limit = words.duration();
    if (!world().run_until([this] { return world().all_alive(); }, limit)) fail("it did not become true in time");
    return;
  }
  const Claim claim = take_claim(words, true);
  const Duration limit = words.duration();
  if (!world().run_until([&] { return complaint(claim).empty(); }, limit)) fail(complaint(claim));
}

ScriptRun::Claim ScriptRun::take_claim(Words& words, bool duration_follows) {
  Claim claim;
  claim.subject = node(words.take("a node"));
  claim.state = words.state();
  if (words.take("`at`") != "at") fail("expected `at` and who sees it");
  if (words.peek() == "all") {
    words.take("");
    return claim;
  }
  while (words.size() > (duration_follows ? 1U : 0U)) claim.readers.push_back(running(words));
  if (claim.readers.empty()) fail("expected `all` or a node");
  return claim;
}

// Empty if it holds.
std::string ScriptRun::complaint(const Claim& claim) {
  for (Index i = 0; i < world().size(); ++i) {
    const bool asked = claim.readers.empty()
                           ? i != claim.subject
                           : std::find(claim.readers.begin(), claim.readers.end(), i) != claim.readers.end();
    if (!asked || !world().is_running(i)) continue;
    const MemberState state = world().state_of(claim.subject, i);
    if (state == claim.state) continue;
    return world().spec(claim.subject).name + " is " + to_string(state) + " at " + world().spec(i).name + ", not " +
           to_string(claim.state);
  }
  return {};
}

void ScriptRun::on_expect_state(Words& words) {
  const std::string wrong = complaint(take_claim(words, false));
  if (!wrong.empty()) fail(wrong);
}

void ScriptRun::on_expect_count(Words& words) {
  const std::string kind = words.take("a kind of event");
  if (!is_event(kind)) fail("no event is called `" + kind + "`");
  const std::uint64_t n = words.number();
  if (counts_[kind] != n) fail(std::to_string(counts_[kind]) + " events `" + kind + "`, not " + std::to_string(n));
}

void ScriptRun::on_trace(Words& words) { tracing_ = words.on_or_off(); }

ScriptRun::Command ScriptRun::find_command(const std::string& verb) {
  static const std::map<std::string, Command> kCommands = {
      {"nodes", &ScriptRun::on_nodes},         {"keymaster", &ScriptRun::on_keymaster},
      {"seeds", &ScriptRun::on_seeds},         {"defense", &ScriptRun::on_defense},
      {"bootstrap", &ScriptRun::on_bootstrap}, {"start", &ScriptRun::on_start},
      {"restart", &ScriptRun::on_start},       {"crash", &ScriptRun::on_crash},
      {"wipe", &ScriptRun::on_wipe},           {"leave", &ScriptRun::on_leave},
      {"join", &ScriptRun::on_join},           {"pause", &ScriptRun::on_pause},
      {"revoke", &ScriptRun::on_revoke},       {"force-leave", &ScriptRun::on_force_leave},
      {"renew", &ScriptRun::on_renew},
      {"accuse", &ScriptRun::on_accuse},       {"cut", &ScriptRun::on_cut},
      {"heal", &ScriptRun::on_heal},           {"loss", &ScriptRun::on_loss},
      {"latency", &ScriptRun::on_latency},     {"run", &ScriptRun::on_run},
      {"until", &ScriptRun::on_until},         {"expect-state", &ScriptRun::on_expect_state},
      {"expect-count", &ScriptRun::on_expect_count}, {"trace", &ScriptRun::on_trace}};
  const auto found = kCommands.find(verb);
  return found == kCommands.end() ? nullptr : found->second;
}

ScriptResult run_script(std::string_view text) {
  ScriptResult out;
  ScriptRun run;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line == kScriptMark) break;
    line.resize(std::min(line.find('#'), line.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
    if (line.find_first_not_of(' ') == std::string::npos) continue;
    try {
      run.execute(line);
    } catch (const ScriptError& e) {
      out.line = number;
      out.error = e.message;
      break;
    }
  }
  out.trace = run.trace();
  return out;
}

}  // namespace quorumor::sim
