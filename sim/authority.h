// What the operator of a world does with the authority's key: revokes, declares gone, renews. Free functions, so that
// the world itself knows nothing of it. Records are given to one running node, as an operator would; it spreads them.
#pragma once

#include "sim/world.h"

namespace quorumor::sim {

// content || signature, as they travel. `serial`, `generation`: those of the subject now, unless given.
ByteVector sign_revocation(const World& world, World::Index subject, std::string reason = {},
                           std::optional<Serial> serial = std::nullopt);
// The generation that `witness` holds of the subject, unless given.
ByteVector sign_force_leave(World& world, World::Index subject, World::Index witness,
                            std::optional<Generation> generation = std::nullopt);

// An order to one node: `command` is what its core is asked, and the result says why it was not obeyed.
template <class Command>
auto bring(World& world, World::Index by, Command&& command) {
  std::optional<std::decay_t<decltype(command(std::declval<NodeCore&>()).error())>> error;
  world.act(by, [&](NodeCore& core) -> std::span<const Output> {
    const auto outputs = command(core);
    if (outputs) return outputs.value();
    error = outputs.error();
    return {};
  });
  return error;
}

// Nothing, if it was taken.
std::optional<VerdictError> revoke(World& world, World::Index subject, World::Index by, std::string reason = {});
std::optional<VerdictError> force_leave(World& world, World::Index subject, World::Index by);
// A credential of the next serial, on the subject's disk; a running node takes it at once.
std::optional<RenewError> renew(World& world, World::Index subject);
// The same for a node that does not run, or that is to take it only when it starts again.
void reissue(World& world, World::Index subject);

}  // namespace quorumor::sim
