// No node sends a datagram that is longer than the protocol says, whatever it has to tell: a longer one would be cut to
// pieces on the way, and lost with the first of them.
#include "sim/check/parts.h"

namespace quorumor::sim {
namespace {

class NoOversize final : public Checker {
 public:
  explicit NoOversize(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "no-oversize"; }

  void on_datagram(const Stage& stage, World::Index from, const Transmit& t) override {
    if (t.datagram.size() <= limits::kDatagram) return;
    violated(stage,
             name_of(stage, from) + " sent a datagram of " + std::to_string(t.datagram.size()) + " bytes, " +
                 std::to_string(limits::kDatagram) + " are the most",
             shared_->trace.window(stage, from, stage.world.find(t.to).value_or(from)));
  }

 private:
  SharedPtr shared_;
};

}  // namespace

std::unique_ptr<Checker> no_oversize_checker(SharedPtr shared) {
  return std::make_unique<NoOversize>(std::move(shared));
}

}  // namespace quorumor::sim
