// The world under faults: streams over bad links, one-way cuts, attackers on the path, outsiders, clocks, addresses.
#include "node/core/support.h"
#include "sim/formed.h"

#include <algorithm>

using namespace quorumor;
using namespace quorumor::test;
using sim::LinkProfile;
using sim::World;

namespace {

const Endpoint kOutside = Endpoint::v4(203, 0, 113, 7, 40'000);

// What an outsider hears on one stream.
struct Outsider {
  World& world;
  StreamId stream = 0;
  std::vector<std::pair<StreamEvent::Kind, Instant>> heard;
  ByteVector data;

  Outsider(World& in, std::size_t to) : world(in) {
    stream = world.open_stream(to, kOutside, [this](const StreamEvent& e) {
      heard.emplace_back(e.kind, world.now());
      data.insert(data.end(), e.data.begin(), e.data.end());
    });
  }
  std::optional<Duration> after(StreamEvent::Kind kind, Instant since) const {
    for (const auto& [what, at] : heard) {
      if (what == kind) return at - since;
    }
    return std::nullopt;
  }
};

LinkProfile lossy_streams(std::uint32_t ppm) {
  LinkProfile out;
  out.stream_loss_ppm = ppm;
  return out;
}

// n1 asks n0 to join; how long until it is in, if that comes about within `limit`.
std::optional<Duration> join_time(World& world, Duration limit) {
  const Instant before = world.now();
  if (!world.run_until([&] { return world.count(Event::Kind::joined) == 2; }, limit)) return std::nullopt;
  return world.now() - before;
}

void add_two(World& world, std::uint32_t zone_of_second = 0) {
  world.add(spec("n0"));
  auto second = spec("n1", {0});
  second.zone = zone_of_second;
  world.add(second);
  world.start(0, true);
  world.run_for(100ms);
}

}  // namespace

TEST_CASE("a stream takes the latency of its link") {
  for (const Duration most : {2ms, 50ms, 200ms}) {
    World world(1);
    add_two(world, 1);
    LinkProfile p;
    p.latency = sim::Latency{sim::Latency::Shape::uniform, most, most};
    world.network().set_between(0, 1, p);
    world.network().set_between(1, 0, p);
    world.start(1);
    const auto took = join_time(world, 10s);
    REQUIRE(took.has_value());
    // Two round trips to connect, client's hello, server's hello and ring: six legs.
    CHECK(*took >= 6 * most);
    CHECK(*took < 6 * most + 20ms);
  }
}

TEST_CASE("a lost piece of a stream is late, not missing") {
  unsigned late = 0, joined = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed);
    world.network().set_everywhere(lossy_streams(200'000));
    add_two(world);
    world.start(1);
    const auto took = join_time(world, 9s);
    joined += took ? 1 : 0;
    late += took && *took >= sim::kRetransmission ? 1 : 0;
    if (took && *took >= sim::kRetransmission) CHECK(*took % sim::kRetransmission < 20ms);
  }
  CHECK(joined >= 18);
  CHECK(late >= 8);
  CHECK(late < 20);
}

TEST_CASE("pieces of a stream arrive in order, however late each is") {
  unsigned joined = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    World world(seed);
    sim::start_formed(world, 90);  // its records are several pieces, sent without waiting for one another
    const auto late = world.add(spec("late", {0}));
    world.network().set_link(0, late, lossy_streams(400'000));
    world.start(late);
    // Anything after `done`, or a half of a message, is malformed.
    world.run_for(9s);
    CHECK(world.count(Event::Kind::join_refused) == 0);
    std::size_t members = 0;
    world.peek(late).for_each_member([&](const MemberView&) { ++members; });
    joined += members == 91 ? 1 : 0;
  }
  CHECK(joined >= 5);
}

TEST_CASE("a dial over a cut link is silent, and comes through when the link heals") {
  World world(2);
  form_cluster(world, 2);
  world.network().cut({{1}, {0}, true});
  const Instant before = world.now();
  world.network().cut(World::kNobody, 0);
  Outsider outsider(world, 0);
  world.run_for(1s);
  CHECK(outsider.heard.empty());  // neither connected nor refused
  world.network().mend(World::kNobody, 0);
  world.run_for(1s);
  // Tries at 0, 200, 600 and 1400 ms, then two round trips.
  CHECK(outsider.after(StreamEvent::Kind::connected, before) == std::optional<Duration>{1408ms});
}

TEST_CASE("a node whose dial is cut off gives up by its own deadline, and joins after the heal") {
  World world(3);
  add_two(world);
  world.network().cut({{0}, {1}, true});
  world.start(1);
  world.run_for(1s);
  CHECK(world.count(Event::Kind::join_failed) == 0);
  const Config config;
  CHECK(world.run_until([&] { return world.count(Event::Kind::join_failed) == 1; }, config.stream_deadline + 5s));
  world.network().mend_all();
  CHECK(join_time(world, 60s).has_value());
}

TEST_CASE("an established stream waits for its link to heal, in each direction by itself") {
  for (const bool back_only : {false, true}) {
    CAPTURE(back_only);
    World world(4);
    form_cluster(world, 2);
    Outsider outsider(world, 0);
    world.run_for(20ms);
    REQUIRE(outsider.heard.size() == 1);
    const auto refused = world.peek(0).stats().counters.streams_refused;
    if (!back_only) world.network().cut(World::kNobody, 0);
    world.network().cut(0, World::kNobody);
    const Instant before = world.now();
    world.feed_stream(outsider.stream, ByteVector(8, std::byte{0xff}));  // a length that nobody may claim
    world.run_for(500ms);
    // One way: the node has read it and said no; that answer is what does not come.
    CHECK(world.peek(0).stats().counters.streams_refused == refused + (back_only ? 1 : 0));
    CHECK_FALSE(outsider.after(StreamEvent::Kind::closed, before).has_value());
    world.network().mend_all();
    world.run_for(2s);
    CHECK(world.peek(0).stats().counters.streams_refused == refused + 1);
    const auto heard = outsider.after(StreamEvent::Kind::closed, before);
    REQUIRE(heard.has_value());
    CHECK(*heard >= 600ms);
    CHECK(*heard < 700ms);
  }
}

TEST_CASE("a stream whose link stays cut is closed for its sender after the last retransmission") {
  World world(5);
  form_cluster(world, 2);
  Outsider outsider(world, 0);
  world.run_for(20ms);
  world.network().cut(World::kNobody, 0);
  const Instant before = world.now();
  world.feed_stream(outsider.stream, ByteVector(8));
  world.run_for(200s);
  const auto closed = outsider.after(StreamEvent::Kind::closed, before);
  REQUIRE(closed.has_value());
  // The node's own deadline comes first, and it still reaches us; so this is whichever was earlier.
  const Config config;
  CHECK(*closed <= config.stream_deadline + 10ms);
  World other(5);
  form_cluster(other, 2);
  Outsider cut_off(other, 0);
  other.run_for(20ms);
  other.network().cut(World::kNobody, 0);
  other.network().cut(0, World::kNobody);
  const Instant then = other.now();
  other.feed_stream(cut_off.stream, ByteVector(8));
  other.run_for(200s);
  CHECK(cut_off.after(StreamEvent::Kind::closed, then) == std::optional<Duration>{200ms * 511});
}

TEST_CASE("a paused machine accepts no stream until it goes on; a crashed one resets") {
  World world(6);
  form_cluster(world, 3);
  world.set_pause(1, true);
  CHECK(world.is_paused(1));
  world.crash(2);
  const Instant before = world.now();
  Outsider paused(world, 1), crashed(world, 2);
  world.run_for(1s);
  CHECK(paused.heard.empty());
  CHECK(crashed.after(StreamEvent::Kind::closed, before) == std::optional<Duration>{4ms});
  world.set_pause(1, false);
  world.run_for(1s);
  CHECK(paused.after(StreamEvent::Kind::connected, before).has_value());
  world.crash(1);
  const Instant then = world.now();
  world.run_for(1s);
  REQUIRE(paused.after(StreamEvent::Kind::closed, then).has_value());
  CHECK(*paused.after(StreamEvent::Kind::closed, then) <= 2ms);
}

TEST_CASE("who is cut off from a machine does not hear that its process ended") {
  for (const bool cut : {false, true}) {
    World world(15);
    form_cluster(world, 2);
    Outsider outsider(world, 0);
    world.run_for(20ms);
    if (cut) world.network().cut(0, World::kNobody);
    const Instant before = world.now();
    world.crash(0);
    world.run_for(5s);
    CHECK(outsider.after(StreamEvent::Kind::closed, before).has_value() != cut);
  }
}

TEST_CASE("an outsider is spoken to, and proves nothing") {
  World world(7);
  form_cluster(world, 2);
  Outsider garbage(world, 0), silent(world, 0), leaver(world, 1);
  world.run_for(20ms);
  REQUIRE(garbage.heard.size() == 1);
  const auto in = world.peek(0).stats().counters.streams_in;
  CHECK(in >= 2);
  world.feed_stream(garbage.stream, ByteVector(100, std::byte{0xee}));
  world.close_stream(leaver.stream);
  world.run_for(1s);
  CHECK(garbage.heard.back().first == StreamEvent::Kind::closed);
  CHECK_FALSE(garbage.data.empty());  // a refusal
  CHECK(leaver.heard.size() == 1);
  world.feed_stream(garbage.stream, ByteVector(100));  // it is closed: nothing happens
  world.feed_stream(leaver.stream, ByteVector(100));
  world.run_for(20s);
  CHECK(silent.heard.back().first == StreamEvent::Kind::closed);  // by the node's deadline
  CHECK(world.all_alive());
}

TEST_CASE("an attacker on the path drops and delays what he picks, and sees all of it") {
  World world(8);
  form_cluster(world, 3);
  std::uint64_t seen = 0, tapped = 0, arrived = 0;
  Duration least = 1h;
  std::vector<Instant> sent;
  world.set_tap([&](std::size_t, const Transmit&) { ++tapped; });
  const auto drops = world.set_path([&](std::size_t, std::size_t to, Bytes) {
    ++seen;
    return sim::PathVerdict{to == 2, {}};
  });
  const auto slows = world.set_path([&](std::size_t from, std::size_t to, Bytes) {
    if (from == 0 && to == 1) sent.push_back(world.now());
    return sim::PathVerdict{false, from == 0 && to == 1 ? 300ms : Duration{}};
  });
  world.run_for(10ms);  // what was on the way
  const auto second = world.peek(2).stats().counters.datagrams_in;
  sent.clear();
  world.set_delivery([&](std::size_t from, std::size_t to, Bytes) {
    if (from != 0 || to != 1 || arrived >= sent.size()) return;
    least = std::min(least, world.now() - sent[arrived++]);
  });
  world.run_for(10s);
  CHECK(seen == tapped);
  CHECK(world.peek(2).stats().counters.datagrams_in == second);
  REQUIRE(arrived > 3);
  CHECK(least >= 300ms);
  CHECK(least < 303ms);
  world.remove_path(drops);
  world.remove_path(slows);
  world.run_for(2s);
  CHECK(world.peek(2).stats().counters.datagrams_in > second);
  CHECK(seen < tapped);
}

TEST_CASE("deliveries say who really sent, whatever address stands on it") {
  World world(9);
  form_cluster(world, 2);
  std::vector<std::size_t> from;
  world.set_reachable([](std::size_t, std::size_t) { return false; });
  world.run_for(5ms);
  world.set_delivery([&](std::size_t sender, std::size_t to, Bytes datagram) {
    CHECK(to == 1);
    CHECK(datagram.size() == 40);
    from.push_back(sender);
  });
  world.inject(1, world.endpoint(0), ByteVector(40));
  world.run_for(5ms);
  CHECK(from == std::vector<std::size_t>{World::kNobody});
}

TEST_CASE("a clock that steps is seen by the running core, one that is set by the next start") {
  for (const bool at_once : {false, true}) {
    World world(10);
    form_cluster(world, 2);
    at_once ? world.set_wall_offset_now(1, 1h) : world.set_wall_offset(1, 1h);
    const auto sent_at = [&] {
      world.clear_events();
      CHECK_FALSE(world.broadcast(1, "tick", "").has_value());
      world.run_for(1s);
      for (const auto& r : world.events()) {
        if (r.node == 1 && r.event.kind == Event::Kind::user_event) return r.event.sent_at;
      }
      return WallTime{};
    };
    const auto virtual_now = [&] { return wall_from_seconds(1'700'000'000) + world.now().time_since_epoch(); };
    const auto before = virtual_now();
    const auto first = sent_at();
    CHECK((first >= before + 59min) == at_once);
    world.restart(1);
    world.run_for(2s);
    CHECK(sent_at() >= virtual_now() + 59min);
  }
}

TEST_CASE("each zone has a network of its own; who is of none has the addresses that there always were") {
  World world(11);
  std::vector<std::size_t> of_zone[4];
  for (std::size_t i = 0; i < 1200; ++i) {
    auto s = spec("n" + std::to_string(i));
    if (i % 4 != 3) s.zone = static_cast<std::uint32_t>(i % 4);
    of_zone[i % 4].push_back(world.add(s));
  }
  const auto net = [&](std::size_t i) {
    const auto& a = world.endpoint(i).address;
    return std::to_integer<int>(a[0]) * 256 + std::to_integer<int>(a[1]);
  };
  for (std::size_t zone = 0; zone < 3; ++zone) {
    for (const auto i : of_zone[zone]) {
      CHECK(net(i) == 11 * 256 + static_cast<int>(zone));
      CHECK(world.network().zone(i) == zone);
    }
  }
  CHECK(world.endpoint(of_zone[3][0]) == Endpoint::v4(10, 0, 0, 1, 7947));
  CHECK(world.endpoint(of_zone[3][299]) == Endpoint::v4(10, 1, 49, 1, 7947));
  std::vector<Endpoint> all;
  for (std::size_t i = 0; i < world.size(); ++i) all.push_back(world.endpoint(i));
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("a one-way cut lets datagrams through in one direction") {
  World world(12);
  Config config;
  sim::start_formed(world, 3, config);
  world.network().cut(0, 1);
  std::array<std::uint64_t, 2> got{};  // 0 -> 1, 1 -> 0
  world.run_for(5ms);
  world.set_delivery([&](std::size_t from, std::size_t to, Bytes) {
    if (from + to == 1) ++got[from];
  });
  world.run_for(10s);
  CHECK(got[0] == 0);
  CHECK(got[1] > 3);
  CHECK(world.oversized() == 0);
}

TEST_CASE("what is longer than a datagram is counted") {
  World world(14);
  form_cluster(world, 2);
  const ByteVector longest(limits::kDatagram), longer(limits::kDatagram + 1);
  for (const ByteVector* d : {&longest, &longer, &longer}) {
    const Output output = Transmit{world.endpoint(1), *d};
    world.act(0, [&](NodeCore&) { return std::span<const Output>(&output, 1); });
  }
  CHECK(world.oversized() == 2);
}

TEST_CASE("boots are told apart") {
  World world(13);
  form_cluster(world, 2);
  const auto first = world.boot(1);
  world.restart(1);
  CHECK(world.boot(1) > first);
  CHECK(world.is_running(1));
  CHECK_FALSE(world.is_paused(1));
}
