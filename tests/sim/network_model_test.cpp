// What the network model promises: layers, rates, distributions, schedules. No world.
#include "crypto/drbg.h"
#include "sim/net/network_model.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <vector>

using namespace quorumor;
using namespace quorumor::sim;

namespace {

constexpr Instant kNow{5s};

Drbg make_rng(unsigned char seed = 1) { return Drbg(ByteArray<32>{std::byte{seed}}, "network model"); }

// An Rng cannot say how much was drawn; two that drew alike say the same next.
bool same_next(Drbg& a, Drbg& b) { return a.next_u64() == b.next_u64(); }

LinkProfile loss(std::uint32_t ppm) {
  LinkProfile out;
  out.loss_ppm = ppm;
  return out;
}
LinkProfile latency(Duration least, Duration most, Latency::Shape shape = Latency::Shape::uniform) {
  LinkProfile out;
  out.latency = Latency{shape, least, most};
  return out;
}

std::vector<std::int64_t> draws(const Latency& of, int n) {
  Drbg rng = make_rng();
  std::vector<std::int64_t> out;
  for (int i = 0; i < n; ++i) out.push_back(draw(of, rng).count());
  std::sort(out.begin(), out.end());
  return out;
}
std::int64_t mean(const std::vector<std::int64_t>& sorted) {
  std::int64_t sum = 0;
  for (const auto v : sorted) sum += v;
  return sum / static_cast<std::int64_t>(sorted.size());
}
bool is_about(std::int64_t value, std::int64_t wanted, std::int64_t permille) {
  CAPTURE(value);
  CAPTURE(wanted);
  return value >= wanted - wanted * permille / 1000 && value <= wanted + wanted * permille / 1000;
}

}  // namespace

TEST_CASE("each layer overrides what it names, and only that") {
  // Link 1 -> 2, of zones 7 and 8. Layers are added one by one; after each: loss, and the latency's most in ms.
  struct Step {
    const char* name;
    void (*add)(NetworkModel&);
    std::uint32_t loss;
    std::int64_t most_ms;
  };
  const Step steps[] = {
      {"nothing", [](NetworkModel&) {}, 0, 2},
      {"everywhere", [](NetworkModel& m) { m.set_everywhere(loss(1)); }, 1, 2},
      {"another pair of zones", [](NetworkModel& m) { m.set_between(8, 7, latency(0ms, 99ms)); }, 1, 2},
      {"zones", [](NetworkModel& m) { m.set_between(7, 8, latency(0ms, 10ms)); }, 1, 10},
      {"another sender", [](NetworkModel& m) { m.set_sender(2, loss(99)); }, 1, 10},
      {"sender", [](NetworkModel& m) { m.set_sender(1, loss(2)); }, 2, 10},
      {"receiver", [](NetworkModel& m) { m.set_receiver(2, loss(3)); }, 3, 10},
      {"the other direction", [](NetworkModel& m) { m.set_link(2, 1, loss(99)); }, 3, 10},
      {"link", [](NetworkModel& m) { m.set_link(1, 2, latency(0ms, 20ms)); }, 3, 20},
      {"link, said again", [](NetworkModel& m) { m.set_link(1, 2, loss(4)); }, 4, 10},
      {"a set without it", [](NetworkModel& m) { m.set_links({{2}, {1, 3}, false}, loss(99)); }, 4, 10},
      {"a set in its other direction", [](NetworkModel& m) { m.set_links({{0, 2}, {1}, true}, loss(5)); }, 5, 10},
      {"a later set", [](NetworkModel& m) { m.set_links({{1}, {2}, false}, latency(0ms, 30ms)); }, 5, 30},
      {"links cleared", [](NetworkModel& m) { m.clear_links(); }, 5, 30},
      {"exceptions cleared", [](NetworkModel& m) { m.clear_exceptions(); }, 1, 10},
  };
  NetworkModel model;
  model.set_zone(1, 7);
  model.set_zone(2, 8);
  for (const Step& step : steps) {
    CAPTURE(step.name);
    step.add(model);
    CHECK(model.link(1, 2).loss_ppm == step.loss);
    CHECK(model.link(1, 2).latency.most == step.most_ms * 1ms);
    CHECK(model.link(30, 40).loss_ppm == model.link(NetworkModel::kNobody, 40).loss_ppm);
  }
  CHECK(model.link(2, 1).latency.most == 99ms);
}

TEST_CASE("a stream's loss is the datagrams', unless it is named") {
  NetworkModel model;
  model.set_everywhere(loss(7));
  CHECK(model.link(0, 1).stream_loss_ppm == 7);
  LinkProfile p = loss(9);
  p.stream_loss_ppm = 0;
  model.set_link(0, 1, p);
  CHECK(model.link(0, 1).loss_ppm == 9);
  CHECK(model.link(0, 1).stream_loss_ppm == 0);
}

TEST_CASE("rates are what they say") {
  for (const std::uint32_t ppm : {0u, 10'000u, 300'000u, 1'000'000u}) {
    CAPTURE(ppm);
    LinkProfile p = loss(ppm);
    NetworkModel lossy, doubling, reordering;
    lossy.set_everywhere(p);
    p = {};
    p.duplication_ppm = ppm;
    doubling.set_everywhere(p);
    p = latency(1ms, 1ms);
    p.reorder_ppm = ppm;
    p.reorder_delay = 50ms;
    reordering.set_everywhere(p);
    Drbg rng = make_rng();
    constexpr int kSent = 20'000;
    std::int64_t lost = 0, doubled = 0, held = 0;
    for (int i = 0; i < kSent; ++i) {
      lost += lossy.datagram(kNow, 0, 1, 100, rng).empty() ? 1 : 0;
      doubled += doubling.datagram(kNow, 0, 1, 100, rng).size() == 2 ? 1 : 0;
      const auto arrivals = reordering.datagram(kNow, 0, 1, 100, rng);
      REQUIRE(arrivals.size() == 1);
      CHECK((arrivals[0] == 1ms || arrivals[0] == 51ms));
      held += arrivals[0] == 51ms ? 1 : 0;
    }
    const std::int64_t wanted = std::int64_t{kSent} * ppm / kAllPpm;
    const std::int64_t permille = ppm == 0 || ppm == kAllPpm ? 0 : ppm < 100'000 ? 250 : 40;  // 3.5 deviations
    CHECK(is_about(lost, wanted, permille));
    CHECK(is_about(doubled, wanted, permille));
    CHECK(is_about(held, wanted, permille));
  }
}

TEST_CASE("what is certain draws nothing") {
  NetworkModel model;
  Drbg a = make_rng(), b = make_rng();
  CHECK(model.stream_piece(kNow, 0, 1, a) == std::optional<Duration>{2ms});
  LinkProfile small;
  small.datagram_max = 99;
  model.set_link(0, 1, small);
  CHECK(model.datagram(kNow, 0, 1, 100, a).empty());
  model.cut(0, 2);
  CHECK(model.datagram(kNow, 0, 2, 100, a).empty());
  CHECK(model.datagram(kNow, 0, NetworkModel::kNobody, 100, a).empty());
  CHECK(same_next(a, b));
  CHECK(model.datagram(kNow, 0, 1, 99, a).size() == 1);  // one latency
  b.next_u64();
  CHECK(same_next(a, b));
}

TEST_CASE("latencies have the shapes that they are named after") {
  constexpr int kDraws = 40'000;
  constexpr std::int64_t kMs = 1'000'000;
  struct Case {
    Latency::Shape shape;
    std::int64_t least, most, mean, median, p90;  // ms, but 1000 is one of them
  };
  // exponential, m = (most - least) / 4, cut off at 4 m: mean m (1 - 4 e^-4 / (1 - e^-4)); quantile -m ln(1 - u (1 - e^-4)).
  // lognormal 10 to 1000: median 100; sigma = ln(10) / 2.326; mean of the part within 1 % and 99 %: 151.4.
  const Case cases[] = {
      {Latency::Shape::uniform, 10'000, 110'000, 60'000, 60'000, 100'000},
      {Latency::Shape::exponential, 10'000, 410'000, 102'537, 77'500, 225'000},
      {Latency::Shape::lognormal, 10'000, 1'000'000, 151'358, 100'000, 340'279},
      {Latency::Shape::exponential, 5'000, 5'000, 5'000, 5'000, 5'000},
      {Latency::Shape::lognormal, 5'000, 5'000, 5'000, 5'000, 5'000},
  };
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.shape));
    CAPTURE(c.most);
    const auto sorted = draws({c.shape, Duration{c.least * kMs / 1000}, Duration{c.most * kMs / 1000}}, kDraws);
    CHECK(sorted.front() >= c.least * kMs / 1000);
    CHECK(sorted.back() <= c.most * kMs / 1000);
    CHECK(sorted.back() >= c.most * kMs / 1000 * 97 / 100);
    CHECK(is_about(mean(sorted), c.mean * kMs / 1000, 15));
    CHECK(is_about(sorted[kDraws / 2], c.median * kMs / 1000, 20));
    CHECK(is_about(sorted[kDraws * 9 / 10], c.p90 * kMs / 1000, 25));
  }
  CHECK(draws({Latency::Shape::lognormal, 0ms, 1ms}, 1000).back() <= kMs);  // a least that has no logarithm
  CHECK(draws({Latency::Shape::lognormal, 1us, 200s}, 1000).back() <= 200'000 * kMs);
}

TEST_CASE("the same draws on every compiler: first latencies of each shape, to the nanosecond") {
  Drbg rng = make_rng(3);
  std::vector<std::int64_t> out;
  for (const auto shape : {Latency::Shape::uniform, Latency::Shape::exponential, Latency::Shape::lognormal}) {
    for (int i = 0; i < 3; ++i) out.push_back(draw({shape, 1ms, 250ms}, rng).count());
  }
  std::string text;
  for (const auto ns : out) text += std::to_string(ns) + " ";
  CHECK(text == "106745851 216369043 129848401 97507891 49438736 54596114 8503852 9689363 6149044 ");
}

TEST_CASE("a cut has a direction, a set of links has its members, and all is mended") {
  NetworkModel model;
  model.cut(1, 2);
  CHECK_FALSE(model.is_open(kNow, 1, 2));
  CHECK(model.is_open(kNow, 2, 1));
  const auto rule = model.cut({{0, 1}, {2, 3}, true});
  for (std::size_t a = 0; a < 5; ++a) {
    for (std::size_t b = 0; b < 5; ++b) {
      if (a == b) continue;
      const bool across = a < 4 && b < 4 && (a < 2) != (b < 2);
      CHECK(model.is_open(kNow, a, b) != across);
    }
  }
  model.mend(1, 2);
  CHECK_FALSE(model.is_open(kNow, 1, 2));  // the set's cut is still there
  model.undo(rule);
  model.undo(rule);
  CHECK(model.is_open(kNow, 1, 2));
  model.cut({{0}, {1}, false});
  CHECK_FALSE(model.is_open(kNow, 0, 1));
  CHECK(model.is_open(kNow, 1, 0));
  model.cut(3, 4);
  model.flip_flop(4, 3, kNow, 1s, 1s);
  model.clear_exceptions();
  CHECK_FALSE(model.is_open(kNow, 3, 4));  // no exception of a profile
  model.mend_all();
  CHECK(model.is_open(kNow, 0, 1));
  CHECK(model.is_open(kNow, 3, 4));
  CHECK(model.is_open(kNow + 1s, 4, 3));
}

TEST_CASE("a caller's own word shuts links beside the cuts, but no outsider's") {
  NetworkModel model;
  model.set_reachable([](std::size_t from, std::size_t) { return from != 1; });
  CHECK_FALSE(model.is_open(kNow, 1, 2));
  CHECK(model.is_open(kNow, 2, 1));
  CHECK(model.is_open(kNow, NetworkModel::kNobody, 1));
}

TEST_CASE("a flip-flop is open first, then shut, and so on") {
  struct Case {
    Duration after;
    bool open;
  };
  constexpr Case kCases[] = {{-1ns, true},  {0s, true},   {2s - 1ns, true}, {2s, false},
                             {5s - 1ns, false}, {5s, true}, {7s, false}, {5s * 1000 + 1s, true}, {5s * 1000 + 4s, false}};
  NetworkModel one, set;
  one.flip_flop(0, 1, kNow, 2s, 3s);
  set.flip_flop({{0}, {1, 2}, false}, kNow, 2s, 3s);
  Drbg rng = make_rng();
  for (const Case& c : kCases) {
    CAPTURE(c.after.count());
    for (const NetworkModel* model : {&one, &set}) {
      CHECK(model->is_open(kNow + c.after, 0, 1) == c.open);
      CHECK(model->is_open(kNow + c.after, 1, 0));
      CHECK(model->datagram(kNow + c.after, 0, 1, 10, rng).empty() != c.open);
      CHECK(model->stream_piece(kNow + c.after, 0, 1, rng).has_value() == c.open);
    }
  }
}

TEST_CASE("a link is clear where nothing is lost by chance, size or cut") {
  NetworkModel model;
  CHECK(model.is_clear(kNow, 0, 1));
  LinkProfile p;
  p.datagram_max = kFullDatagram;
  p.duplication_ppm = kAllPpm;
  model.set_link(0, 1, p);
  CHECK(model.is_clear(kNow, 0, 1));
  p.datagram_max = kFullDatagram - 1;
  model.set_link(0, 1, p);
  CHECK_FALSE(model.is_clear(kNow, 0, 1));
  model.set_link(1, 0, loss(1));
  CHECK_FALSE(model.is_clear(kNow, 1, 0));
  model.cut(2, 3);
  CHECK_FALSE(model.is_clear(kNow, 2, 3));
  CHECK(model.is_clear(kNow, 3, 2));
}

TEST_CASE("a lost piece of a stream is late by doubling retransmissions, and nine in a row are the end") {
  NetworkModel model;
  model.set_everywhere(loss(500'000));
  Drbg rng = make_rng();
  std::array<int, 9> by_losses{};
  int given_up = 0;
  constexpr int kPieces = 20'000;
  for (int i = 0; i < kPieces; ++i) {
    const auto piece = model.stream_piece(kNow, 0, 1, rng);
    if (!piece) {
      ++given_up;
      continue;
    }
    std::size_t losses = 0;
    while (losses < 8 && *piece != 2ms + kRetransmission * ((1 << losses) - 1)) ++losses;
    REQUIRE(*piece == 2ms + kRetransmission * ((1 << losses) - 1));
    ++by_losses[losses];
  }
  CHECK(is_about(by_losses[0], kPieces / 2, 40));
  CHECK(is_about(by_losses[1], kPieces / 4, 60));
  CHECK(is_about(by_losses[2], kPieces / 8, 80));
  CHECK(given_up > 10);  // 39 of 20,000
  CHECK(given_up < 80);
  model.set_everywhere(loss(kAllPpm));
  CHECK_FALSE(model.stream_piece(kNow, 0, 1, rng).has_value());
  LinkProfile far = loss(500'000);
  far.latency = Latency{Latency::Shape::uniform, 1s, 1s};
  model.set_everywhere(far);
  for (int i = 0; i < 100; ++i) {
    const auto piece = model.stream_piece(kNow, 0, 1, rng);
    if (!piece) continue;  // else 1, 3, 7, 15 s: two latencies, doubling
    CHECK(*piece % 1s == Duration{});
    CHECK(std::has_single_bit(static_cast<std::uint64_t>((*piece + 1s) / 1s)));
  }
}
