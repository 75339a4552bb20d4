// How fast news goes out: the tick, its backlog, its budget, its choice of peers.
#include "node/core/impl.h"
#include "node/core/rotation_lab.h"
#include "node/core/support.h"

#include <array>
#include <deque>

using namespace quorumor;
using namespace quorumor::test;

namespace {

constexpr std::size_t kEvent = 700;  // bytes of record; receivers refuse it, so that nobody passes it on
constexpr Duration kTick = 200ms;

// One event that everybody hears from node 0 alone.
void push_news(sim::World& world, std::uint64_t n, std::size_t size = 200) {
  ByteVector record(size), payload(kEvent - size);
  store_le(record.data(), n);
  RumorKey key{RumorKind::event, world.id(0), {}};
  store_le(key.tag.data(), n);
  CoreAccess::impl(world.core(0)).state.queue.push(key, {RumorKind::event, record, payload});
}

struct Sent {
  Instant at;
  std::uint64_t bytes = 0;
};

// Node 0's gossip, as it goes out, until its queue is empty.
std::vector<Sent> drain(sim::World& world, Duration limit) {
  std::vector<Sent> out;
  std::uint64_t before = world.core(0).stats().counters.gossip_bytes_out;
  world.run_until(
      [&] {
        const Stats stats = world.core(0).stats();
        const std::uint64_t bytes = stats.counters.gossip_bytes_out;
        if (bytes != before) out.push_back({world.now(), bytes - before});
        before = bytes;
        return stats.queued_rumors == 0;
      },
      limit);
  return out;
}

std::uint64_t most_in_a_second(const std::vector<Sent>& sent) {
  std::uint64_t most = 0, window = 0;
  std::deque<Sent> last;
  for (const Sent& s : sent) {
    last.push_back(s);
    window += s.bytes;
    while (s.at - last.front().at >= 1s) {
      window -= last.front().bytes;
      last.pop_front();
    }
    most = std::max(most, window);
  }
  return most;
}
std::uint64_t sum(const std::vector<Sent>& sent) {
  std::uint64_t out = 0;
  for (const Sent& s : sent) out += s.bytes;
  return out;
}

void form(sim::World& world, std::size_t n, const Config& config) {
  for (std::size_t i = 0; i < n; ++i) {
    auto s = spec("n" + std::to_string(i), i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
    s.config = config;
    world.add(s);
  }
  world.start(0, true);
  world.run_for(100ms);
  for (std::size_t i = 1; i < n; ++i) world.start(i);
  REQUIRE(world.run_until([&] { return world.all_alive() && world.core(0).stats().queued_rumors == 0; }, 60s));
  world.run_for(2s);
}

}  // namespace

TEST_CASE("with nothing to tell there is no tick") {
  sim::World world(201);
  form(world, 5, Config::lan());
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK_FALSE(CoreAccess::impl(world.core(i)).gossiper.next_deadline().has_value());
  }
  push_news(world, 1);
  CHECK(CoreAccess::impl(world.core(0)).gossiper.next_deadline().has_value());
}

TEST_CASE("what nobody can be told does not keep the tick going") {
  sim::World world(202);
  form_cluster(world, 2);  // each holds what it learned of the other, its only peer
  REQUIRE(world.core(0).stats().queued_rumors > 0);
  world.run_for(3s);
  const Gossiper& gossiper = CoreAccess::impl(world.core(0)).gossiper;
  std::size_t ticks = 0;
  auto deadline = gossiper.next_deadline();
  const Instant end = world.now() + 10s;
  world.run_until([&] {
    ticks += gossiper.next_deadline() != deadline ? 1 : 0;
    deadline = gossiper.next_deadline();
    return world.now() >= end;
  }, 20s);
  CHECK(ticks <= 11);  // and 50 of the short ones
  // News end that at once.
  push_news(world, 1);
  CHECK(*gossiper.next_deadline() <= world.now() + kTick);
}

TEST_CASE("without a backlog the tick keeps its interval") {
  sim::World world(203);
  form(world, 8, Config::lan());
  push_news(world, 1);
  push_news(world, 2);
  const auto sent = drain(world, 20s);
  REQUIRE(sent.size() >= 2);
  for (std::size_t i = 1; i < sent.size(); ++i) CHECK(sent[i].at - sent[i - 1].at >= kTick);
}

TEST_CASE("a backlog shortens the tick to its least, and no further; when it is gone, the interval is back") {
  sim::World world(204);
  Config config;
  config.gossip_bandwidth = 100'000'000;
  form(world, 8, config);
  for (std::uint64_t i = 0; i < 300; ++i) push_news(world, i);
  const Instant begin = world.now();
  const auto sent = drain(world, 60s);
  // Each event four times, three datagrams a tick, one event a datagram: 400 ticks.
  CHECK(world.now() - begin > 6s);
  CHECK(world.now() - begin < 9s);
  std::size_t least = 0;
  for (std::size_t i = 1; i < sent.size(); ++i) {
    CHECK(sent[i].at - sent[i - 1].at >= config.gossip_interval_min);
    least += sent[i].at - sent[i - 1].at == config.gossip_interval_min ? 1 : 0;
  }
  CHECK(least > sent.size() * 9 / 10);
  CHECK(sent.back().at - sent[sent.size() - 2].at >= kTick);
}

TEST_CASE("a backlog drains as fast as the bandwidth allows, and over no second faster") {
  struct Case {
    std::size_t bandwidth;
    unsigned fanout;
    Duration least;
    std::uint64_t events;
  };
  const Case cases[] = {{4096, 3, 20ms, 10},      {10'000, 1, 1ms, 20},      {20'000, 3, 20ms, 60},
                        {100'000, 16, 1ms, 400},  {256 * 1024, 8, 5ms, 900}, {64'000, 3, 200ms, 200}};
  for (const Case& c : cases) {
    CAPTURE(c.bandwidth);
    sim::World world(205);
    Config config;
    config.gossip_bandwidth = c.bandwidth;
    config.gossip_fanout = c.fanout;
    config.gossip_interval_min = c.least;
    form(world, 18, config);
    for (std::uint64_t i = 0; i < c.events; ++i) push_news(world, i);
    const Instant begin = world.now();
    const auto sent = drain(world, 120s);
    CHECK(world.core(0).stats().queued_rumors == 0);
    CHECK(most_in_a_second(sent) <= c.bandwidth);
    const double took = std::chrono::duration<double>(world.now() - begin).count();
    const double tick = 1200.0 * c.fanout / std::chrono::duration<double>(c.least).count();
    const double rate = std::min(static_cast<double>(c.bandwidth), tick);
    CHECK(took > static_cast<double>(sum(sent)) / rate * 0.85);
    CHECK(took < static_cast<double>(sum(sent)) / rate * 1.7 + 1);
  }
}

TEST_CASE("the byte budget holds over every window of a second, whatever is spent and whenever") {
  Drbg rng{ByteArray<32>{}, "byte budget test"};
  for (const std::size_t allowed : {std::size_t{2400}, std::size_t{4096}, std::size_t{9601}, std::size_t{1'000'000}}) {
    CAPTURE(allowed);
    ByteBudget budget(allowed);
    std::vector<Sent> sent;
    Instant now{Instant{5s}};
    CHECK(budget.is_ready(now));
    for (int i = 0; i < 20'000; ++i) {
      if (rng.below(4) == 0) {
        now = std::max(now, budget.ready_at());  // as soon as it may
        CHECK(budget.is_ready(now));
      } else {
        now += Duration{static_cast<std::int64_t>(rng.below(200'000'000'000 / allowed))};
      }
      if (!budget.is_ready(now)) continue;
      const std::size_t bytes = rng.below(2) == 0 ? limits::kDatagram : 1 + rng.below(limits::kDatagram);
      budget.spend(now, bytes);
      sent.push_back({now, bytes});
    }
    CHECK(most_in_a_second(sent) <= allowed);
    CHECK(most_in_a_second(sent) > allowed / 2);
  }
}

TEST_CASE("peers are picked live, proven, distinct, never oneself, and each as often as any other") {
  for (const std::size_t peers : {std::size_t{3}, std::size_t{10}, std::size_t{36}}) {
    CAPTURE(peers);
    sim::World world(206);
    form_cluster(world, 40);
    CoreState& state = CoreAccess::impl(world.core(0)).state;
    std::size_t index = 0;
    for (const auto& m : state.table.all()) {
      if (m == state.self) continue;
      m->contact.own().proven = endpoint_of(state, *m);
      m->state = index % 2 == 0 ? MemberState::alive : MemberState::suspect;
      if (index >= peers && index % 3 == 0) m->contact.own().proven.reset();
      if (index >= peers && index % 3 == 1) m->state = MemberState::dead;
      if (index >= peers && index % 3 == 2) m->state = MemberState::left;
      ++index;
    }
    PeerPicker picker(state);
    std::map<const Member*, int> counts;
    constexpr int kRounds = 6000;
    for (int round = 0; round < kRounds; ++round) {
      const auto& picks = picker.pick(3);
      REQUIRE(picks.size() == 3);
      for (const Member* m : picks) ++counts[m];
      CHECK((picks[0] != picks[1] && picks[0] != picks[2] && picks[1] != picks[2]));
    }
    CHECK(counts.size() == peers);
    const double expected = 3.0 * kRounds / static_cast<double>(peers);
    for (const auto& [m, count] : counts) {
      CHECK(m != state.self);
      CHECK(m->is_live());
      CHECK(m->contact->proven.has_value());
      CHECK(count > expected * 0.8);
      CHECK(count < expected * 1.2);
    }
    CHECK(picker.pick(16).size() == std::min<std::size_t>(16, peers));
    CHECK(picker.pick(0).empty());
  }
}

TEST_CASE("whose body is lacked, and with it every address, is asked for it when it pings") {
  test::RotationLab lab(18, 4);
  lab.world.act(3, [](NodeCore& core) -> std::span<const Output> {
    CoreState& s = CoreAccess::impl(core).state;
    for (const auto& m : s.table.all()) {
      if (m == s.self) continue;
      m->body.reset();
      m->contact.own().proven.reset();
    }
    return {};
  });
  const auto has_all = [&] {
    const CoreState& s = CoreAccess::impl(lab.world.core(3)).state;
    const auto& all = s.table.all();
    return std::all_of(all.begin(), all.end(), [&](const auto& m) { return m == s.self || (m->body && m->contact->proven); });
  };
  REQUIRE_FALSE(has_all());
  CHECK(lab.world.run_until(has_all, 10s));
}
