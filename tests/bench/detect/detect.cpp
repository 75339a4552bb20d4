#include "bench/detect/detect.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace quorumor::detect {

void Report::figure(const std::string& what, double value, const char* unit, Limit limit) {
  char demanded[64] = "-";
  const bool least = limit.least > -1e299, most = limit.most < 1e299;
  if (least && most) std::snprintf(demanded, sizeof demanded, "%.3g to %.3g", limit.least, limit.most);
  if (!least && most) std::snprintf(demanded, sizeof demanded, "at most %.4g", limit.most);
  if (least && !most) std::snprintf(demanded, sizeof demanded, "at least %.4g", limit.least);
  const bool good = value >= limit.least && value <= limit.most;  // not a number: missed
  std::printf("  %-62s %10.3f %-10s %-16s %s\n", what.c_str(), value, unit, demanded,
              !least && !most ? "" : (good ? "ok" : "MISSED"));
  std::fflush(stdout);
  missed_ = missed_ || ((least || most) && !good);
}

double percentile(std::vector<double> samples, double share) {
  QUORUMOR_ASSERT(!samples.empty());
  std::sort(samples.begin(), samples.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples.size())));
  return samples[std::max<std::size_t>(rank, 1) - 1];
}

double mean(const std::vector<double>& samples) {
  double sum = 0;
  for (const double s : samples) sum += s;
  return sum / static_cast<double>(samples.size());
}

std::unique_ptr<World> formed(const Options& options, std::uint64_t seed, std::size_t n, Duration warm_up) {
  auto world = std::make_unique<World>(seed);
  ClusterParameters parameters;
  parameters.defense = options.defense;
  if (!options.defense) parameters.beta_ppm = 0;
  world->set_parameters(parameters);
  world->set_keep_snapshots(n <= 200);
  world->set_recording(false);
  sim::start_formed(*world, n);
  Drbg rng(ByteArray<32>{static_cast<std::byte>(seed), static_cast<std::byte>(seed >> 8)}, "warm up");
  world->run_for(warm_up + Duration{static_cast<std::int64_t>(rng.below(1'000'000'000))});
  return world;
}

Watcher::Watcher(World& world)
    : world_(world),
      since_(world.now()),
      excused_(world.size()),
      disregarded_(world.size(), std::vector<bool>(world.size())),
      suspect_since_(world.size(), std::vector<Instant>(world.size())),
      suspected_(world.size(), std::vector<Duration>(world.size())) {
  world.set_listener([this](const sim::Recorded& r) { on_event(r); });
}

Watcher::~Watcher() { world_.set_listener(nullptr); }

void Watcher::on_event(const sim::Recorded& r) {
  MemberState state = MemberState::alive;
  switch (r.event.kind) {
    case Event::Kind::member_alive:
    case Event::Kind::member_left:
    case Event::Kind::member_evicted: break;
    case Event::Kind::member_suspect: state = MemberState::suspect; break;
    case Event::Kind::member_unreachable: state = MemberState::unreachable; break;
    case Event::Kind::member_dead: state = MemberState::dead; break;
    default: return;
  }
  const auto subject = world_.find(r.event.id);
  if (!subject || disregarded_[r.node][*subject]) return;
  Instant& began = suspect_since_[r.node][*subject];
  if (began != Instant{}) suspected_[r.node][*subject] += r.at - began;
  began = state == MemberState::suspect ? r.at : Instant{};
  suspicions_ += state == MemberState::suspect ? 1 : 0;
  if (!world_.is_running(*subject) || excused_[*subject]) return;
  worst_ = std::max(worst_, state);
  false_deaths_ += state == MemberState::dead ? 1 : 0;
}

double Watcher::suspected_share() const {
  double sum = 0, pairs = 0;
  for (Index reader = 0; reader < suspected_.size(); ++reader) {
    for (Index subject = 0; subject < suspected_.size(); ++subject) {
      if (reader == subject || !world_.is_running(reader) || !world_.is_running(subject)) continue;
      const Instant began = suspect_since_[reader][subject];
      const Duration open = began == Instant{} ? Duration{} : world_.now() - began;
      sum += seconds(suspected_[reader][subject] + open);
      pairs += 1;
    }
  }
  return sum / pairs / seconds(world_.now() - since_);
}

double Watcher::suspected_share_of_worst_pair() const {
  Duration worst{};
  for (Index reader = 0; reader < suspected_.size(); ++reader) {
    for (Index subject = 0; subject < suspected_.size(); ++subject) {
      const Instant began = suspect_since_[reader][subject];
      const Duration open = began == Instant{} ? Duration{} : world_.now() - began;
      worst = std::max(worst, suspected_[reader][subject] + open);
    }
  }
  return seconds(worst) / seconds(world_.now() - since_);
}

}  // namespace quorumor::detect
