// What a liar can do with its own process: say anything that its core could seal, and change what its core would do. All
// of it through CoreAccess, so that what goes out is well-formed and sealed as everybody else's.
#pragma once

#include "membership/policy.h"
#include "node/core/impl.h"
#include "sim/world.h"

#include <functional>
#include <memory>

namespace quorumor::sim {

// Only to look at; the world is not told.
inline const CoreState& state_of(const World& world, World::Index node) {
  return CoreAccess::impl(world.peek(node)).state;
}

// One call into its core that is nobody's but the liar's. Requires: it runs.
void with_core(World& world, World::Index liar, const std::function<void(CoreAccess::Impl&)>& what);

// Sends one message to each reader that the liar can reach: `fill` makes it out of a blank Want, or says false.
// Returns how many went out. Requires: it runs. A call into the core carries at most half of kOutputsMax of them.
using Fill = std::function<bool(CoreState& own, const Member& reader, Message& message)>;
std::size_t tell(World& world, World::Index liar, std::span<const World::Index> readers, const Fill& fill);

// Adds a rumor if the message has room for it; says whether it had.
bool add_rumor(Message& message, const Rumor& rumor);
// Credential, core and body of a member, as far as they are held and fit.
void add_member(Message& message, const Member& member);

// Which kinds of messages the last call into a core took in. One instance a liar, asked once a call.
class Turn {
 public:
  void look(const NodeCore& core);
  bool took(MessageKind kind) const noexcept { return took_[static_cast<std::size_t>(kind)]; }

 private:
  std::array<std::uint64_t, kMessageKinds> seen_{};
  std::array<bool, kMessageKinds> took_{};
};

// The same outputs without the datagrams that `drop` names. Returns how many those were. `kept` is overwritten.
std::size_t keep_back(std::span<const Output> outputs, const std::function<bool(const Transmit&)>& drop,
                      std::vector<Output>& kept);

// A process that does not fall silent when it meets claims of its own that it did not mean to meet, and says nothing of
// it: a liar signs several stories of itself on purpose.
std::span<const Output> ignore_clones(NodeCore& core, std::span<const Output> outputs, std::vector<Output>& kept);

// The node's policy, but it accuses nobody that `spares` names, nor looks at it for others' sake; with `hints` off it
// asks no observer to look at anybody. While *on holds; then it is the policy underneath.
void make_sparing(World& world, World::Index liar, std::shared_ptr<const bool> on,
                  std::function<bool(const NodeId&)> spares, bool hints);

}  // namespace quorumor::sim
