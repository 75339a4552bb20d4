#include "sim/formed.h"

#include "node/core/impl.h"

#include <type_traits>
#include <utility>

namespace quorumor::sim {
namespace {

using Impl = std::remove_reference_t<decltype(CoreAccess::impl(std::declval<NodeCore&>()))>;

// What intake and receiver leave behind once a member's claim has come and its ping was answered.
void implant(Impl& reader, const Member& original) {
  CoreState& s = reader.state;
  const Core core = original.core->whole();
  SignedCredential credential;  // its parts; the record holds the whole
  credential.credential = original.credential.whole();
  Member* member = s.table.insert(std::move(credential), original.credential.record);
  QUORUMOR_ASSERT(member != nullptr);
  member->link = s.links.put(core.id, core.session_key);
  QUORUMOR_ASSERT(member->link != Links::kNone);
  if (s.by_link.size() <= member->link) s.by_link.resize(member->link + 1, nullptr);
  s.by_link[member->link] = member;
  s.table.set_core(*member, *original.core);
  member->body = original.body;
  reader.transitions.on_new_core(*member);

  const Keyring::Entry& entry = *s.ring.newest_with_key();
  member->last_heard = s.now;
  member->proven = original.body->endpoints.front();
  member->introduced_at = s.now;
  member->answered_last_ping = true;
  member->stated = member->used = member->last_frame = entry.name();
}

}  // namespace

World::Index start_formed(World& world, std::size_t n, const Config& config, std::uint32_t zones) {
  const World::Index first = world.size();
  ByteVector ring;
  for (World::Index i = first; i < first + n; ++i) {
    NodeSpec spec;
    spec.name = "n" + std::to_string(i);
    if (i == first) spec.roles = {std::string(kKeymasterRole)};
    spec.config = config;
    if (zones != 0) spec.zone = static_cast<std::uint32_t>((i - first) % zones);
    world.add(std::move(spec));
    if (i != first) world.set_ring(i, ring);
    world.start(i, i == first);  // whoever has a ring and no seed counts as joined
    if (i == first) ring = world.peek(i).ring().serialize();
  }
  std::vector<Impl*> members;
  for (World::Index i = first; i < first + n; ++i) {
    members.push_back(&CoreAccess::impl(world.core(i)));  // touched: their views are read again
  }
  for (World::Index i = first; i < first + n; ++i) {
    std::vector<World::Index> seeds;
    for (World::Index seed = first; seed < first + std::min<std::size_t>(n, 4) && seeds.size() < 3; ++seed) {
      if (seed != i) seeds.push_back(seed);
    }
    world.set_seeds(i, std::move(seeds));
    Impl& reader = *members[i - first];
    reader.begin(world.now());
    for (const Impl* other : members) {
      if (other == &reader) continue;
      implant(reader, *other->state.self);
      reader.state.note_synced(other->state.id());
    }
    reader.state.queue.erase_about(reader.state.id());  // everybody has heard of it
  }
  return first;
}

}  // namespace quorumor::sim
