#include "sim/check/signed_records.h"

#include <algorithm>

namespace quorumor::sim {
void SignedRecords::read(const Stage& stage, World::Index owner) {
  if (owner >= stage.world.size() || !stage.world.is_running(owner)) return;
  if (owners_.size() < stage.world.size()) owners_.resize(stage.world.size());
  const Member& self = *look_into(stage.world, owner).self;
  auto& cores = owners_[owner].cores;
  if (!self.core || (!cores.empty() && cores.back().core.at == self.core->core.at)) return;
  const auto place = std::lower_bound(cores.begin(), cores.end(), self.core->core.at,
                                      [](const HeldCore& a, const Coordinate& at) { return a.core.at < at; });
  if (place != cores.end() && place->core.at == self.core->core.at) return;
  cores.insert(place, *self.core);
  if (cores.size() > kCores) cores.erase(cores.begin());
}

std::optional<Coordinate> SignedRecords::greatest(World::Index owner) const {
  if (owner >= owners_.size() || owners_[owner].cores.empty()) return std::nullopt;
  return owners_[owner].cores.back().core.at;
}

const HeldCore* SignedRecords::published(World::Index owner, const Coordinate& at) const {
  if (owner >= owners_.size()) return nullptr;
  for (const HeldCore& core : owners_[owner].cores) {
    if (core.core.at == at) return &core;
  }
  return nullptr;
}

template <class Verify>
bool SignedRecords::once(Bytes record, Bytes key, Verify verify) {
  const std::uint64_t digest = load_le<std::uint64_t>(hash("sim verified record", {record, key}).data());
  if (verified_.contains(digest)) return true;
  if (!verify()) return false;
  if (verified_.size() >= kVerified) verified_.clear();
  verified_.insert(digest);
  return true;
}

bool SignedRecords::is_good_core(const Stage& stage, const Member& member) {
  const Bytes record = member.core->record;
  const PublicKey& key = member.credential->credential.identity;
  return once(record, key, [&] {
    const auto core = decode_core(content_of(record));
    return core && core.value().id == member.id() &&
           core.value().at.serial <= member.credential->credential.serial &&
           verify(key, SignDomain::core, stage.world.cluster(), content_of(record), signature_of(record));
  });
}

bool SignedRecords::is_good_credential(const Stage& stage, const Member& member) {
  const Bytes record = member.credential->record;
  const PublicKey& key = stage.world.authority().public_key();
  return once(record, key, [&] {
    const auto good = verify_credential(key, stage.world.cluster(), content_of(record), signature_of(record));
    return good && good.value().credential.id == member.id() &&
           good.value().credential.identity == member.credential->credential.identity;
  });
}

}  // namespace quorumor::sim
