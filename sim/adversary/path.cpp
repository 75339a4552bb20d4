// Attackers on the path of the targets, or, where none was named, of everybody: what they see pass they drop or hold up.
// They have no key and send nothing.
#include "sim/adversary/families.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

class OnPath : public Scheme {
 public:
  using Scheme::Scheme;

 protected:
  virtual PathVerdict judge() = 0;

  void begin() override {
    const auto path = world().set_path([this](Index from, Index to, Bytes) {
      if (!targets().empty() && !is_target(from) && !is_target(to)) return PathVerdict{};
      return judge();
    });
    on_stop([&world = world(), path] { world.remove_path(path); });
  }

 private:
  bool is_target(Index node) const { return std::find(targets().begin(), targets().end(), node) != targets().end(); }
};

class PathDropper final : public OnPath {
 public:
  using OnPath::OnPath;

 private:
  PathVerdict judge() override {
    if (rng().below(kAllPpm) >= part().share_ppm) return {};
    count();
    return {true, {}};
  }
};

class PathDelayer final : public OnPath {
 public:
  using OnPath::OnPath;

 private:
  PathVerdict judge() override {
    count();
    return {false, part().delay};
  }
};

}  // namespace

std::unique_ptr<Adversary> make_path_dropper(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<PathDropper>(part, std::move(context));
}
std::unique_ptr<Adversary> make_path_delayer(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<PathDelayer>(part, std::move(context));
}

}  // namespace quorumor::sim
