#include "sim/adversary/scheme.h"

#include <algorithm>

namespace quorumor::sim {

Scheme::Scheme(const AdversaryPart& part, AdversaryContext context)
    : part_(part), context_(std::move(context)), campaign_(std::make_shared<std::uint64_t>(0)) {}

Scheme::~Scheme() { Scheme::stop(); }

void Scheme::start() {
  if (on_) return;
  on_ = true;
  began_ = context_.world.now();
  given_ = 0;
  prepared_.assign(context_.liars.size(), ~std::uint64_t{0});
  refresh();
  begin();
  tick();
}

void Scheme::stop() {
  ++*campaign_;
  on_ = false;
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) (*undo)();
  undo_.clear();
}

bool Scheme::is_colluder(Index node) const {
  return std::find(context_.colluders.begin(), context_.colluders.end(), node) != context_.colluders.end() ||
         std::find(context_.liars.begin(), context_.liars.end(), node) != context_.liars.end();
}

bool Scheme::is_active(Index liar) const {
  return context_.world.is_running(liar) && !context_.world.is_paused(liar);
}

std::optional<Scheme::Index> Scheme::draw_victim() {
  if (victims_.empty()) return std::nullopt;
  return victims_[draw_below(victims_.size())];
}

std::vector<Scheme::Index> Scheme::draw_audience(Index but, Index and_but) {
  std::vector<Index> out;
  for (Index i = 0; i < context_.world.size(); ++i) {
    if (i != but && i != and_but && context_.world.is_running(i)) out.push_back(i);
  }
  if (out.size() > kAudience) {
    context_.rng.shuffle(std::span<Index>(out));
    out.resize(kAudience);
  }
  return out;
}

void Scheme::meddle(Index liar, World::Meddler meddler) {
  World& world = context_.world;
  const std::uint64_t handle = world.add_meddler(liar, std::move(meddler));
  on_stop([&world, liar, handle] { world.remove_meddler(liar, handle); });
}

unsigned Scheme::earned() {
  const auto elapsed = static_cast<std::uint64_t>((context_.world.now() - began_) / std::chrono::milliseconds(1));
  const std::uint64_t due = 1 + elapsed * part_.rate / 1000;
  return static_cast<unsigned>(due - std::exchange(given_, due));
}

void Scheme::refresh() {
  victims_.clear();
  if (!context_.targets.empty()) {
    std::copy_if(context_.targets.begin(), context_.targets.end(), std::back_inserter(victims_),
                 [&](Index i) { return context_.world.is_running(i); });
    return;
  }
  for (Index i = 0; i < context_.world.size(); ++i) {
    if (context_.world.is_running(i) && !is_colluder(i)) victims_.push_back(i);
  }
}

void Scheme::tick() {
  refresh();
  for (std::size_t i = 0; i < context_.liars.size(); ++i) {
    const Index liar = context_.liars[i];
    if (!is_active(liar) || prepared_[i] == context_.world.boot(liar)) continue;
    prepared_[i] = context_.world.boot(liar);
    prepare(liar);
  }
  look_around();
  const unsigned each = earned();
  for (unsigned k = 0; k < each; ++k) {
    if (context_.liars.empty()) act_outside();
    for (const Index liar : context_.liars) {
      if (is_active(liar)) act(liar);
    }
  }
  const Duration paced = Duration{std::chrono::seconds(1)} / std::max<std::uint32_t>(part_.rate, 1);
  const Duration pause = std::clamp<Duration>(paced, std::chrono::milliseconds(10), std::chrono::milliseconds(100));
  context_.world.call_at(context_.world.now() + pause, [this, alive = campaign_, mine = *campaign_] {
    if (*alive == mine) tick();
  });
}

}  // namespace quorumor::sim
