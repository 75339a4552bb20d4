#include "sim/authority.h"

namespace quorumor::sim {

namespace {

ByteVector sign(const World& world, SignDomain domain, const ByteVector& content) {
  return join_record(content, world.authority().sign(domain, world.cluster(), content));
}

WallTime some_time(const World& world) {
  return wall_from_seconds(1'700'000'000) +
         std::chrono::duration_cast<std::chrono::milliseconds>(world.now().time_since_epoch());
}

}  // namespace

ByteVector sign_revocation(const World& world, World::Index subject, std::string reason, std::optional<Serial> serial) {
  Revocation r;
  r.id = world.id(subject);
  r.serial = serial.value_or(world.credential(subject).credential.serial);
  r.at = some_time(world);
  r.reason = std::move(reason);
  return sign(world, SignDomain::revocation, encode_revocation(r));
}

ByteVector sign_force_leave(World& world, World::Index subject, World::Index witness,
                            std::optional<Generation> generation) {
  ForceLeave f;
  f.id = world.id(subject);
  f.at = some_time(world);
  world.peek(witness).for_each_member([&](const MemberView& m) {
    if (m.id == f.id) f.generation = m.at.generation;
  });
  f.generation = generation.value_or(f.generation);
  return sign(world, SignDomain::force_leave, encode_force_leave(f));
}

std::optional<VerdictError> revoke(World& world, World::Index subject, World::Index by, std::string reason) {
  const ByteVector record = sign_revocation(world, subject, std::move(reason));
  return bring(world, by, [&](NodeCore& core) { return core.revoke(world.now(), record); });
}

std::optional<VerdictError> force_leave(World& world, World::Index subject, World::Index by) {
  const ByteVector record = sign_force_leave(world, subject, by);
  return bring(world, by, [&](NodeCore& core) { return core.force_leave(world.now(), record); });
}

void reissue(World& world, World::Index subject) {
  Credential next = world.credential(subject).credential;
  next.serial = Serial{next.serial.value + 1};
  world.set_credential(subject, issue_credential(world.authority(), world.cluster(), next));
}

std::optional<RenewError> renew(World& world, World::Index subject) {
  reissue(world, subject);
  if (!world.is_running(subject)) return std::nullopt;
  return bring(world, subject, [&](NodeCore& core) { return core.renew(world.now(), world.credential(subject)); });
}

}  // namespace quorumor::sim
