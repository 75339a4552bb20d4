#include "sim/formed.h"

#include "node/core/impl.h"

#include <type_traits>
#include <utility>

namespace quorumor::sim {
namespace {

using Impl = std::remove_reference_t<decltype(CoreAccess::impl(std::declval<NodeCore&>()))>;

// What receiver leaves behind once a member's ping was answered: the same for all who know it.
Shared<Contact> contact_with(const Member& original, Instant now, const Keyring::Entry& epoch) {
  Contact contact;
  contact.last_heard = now;
  contact.proven = original.body->endpoints.front();
  contact.introduced_at = now;
  contact.answered_last_ping = true;
  contact.stated_epoch = epoch.epoch();
  contact.stated_commitment = commitment_prefix(epoch.commitment());
  contact.last_frame_epoch = epoch.epoch();
  return contact;
}

// What intake leaves behind once everybody's claims have come.
void implant(Impl& reader, const std::vector<Impl*>& members, const std::vector<Shared<Contact>>& contacts) {
  CoreState& s = reader.state;
  s.table.reserve(members.size());
  s.policy->expect(members.size());
  s.live = members.size();
  s.policy->on_live(s.live, s.now);
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i] == &reader) continue;
    Member* const member = s.table.adopt(*members[i]->state.self);
    QUORUMOR_ASSERT(member != nullptr);
    member->contact = contacts[i];
    s.policy->on_state(member->id(), member->state);
    reader.transitions.schedule().add(member->slot, s.secret_rng);
    s.note_synced(member->id());
  }
}

}  // namespace

World::Index start_formed(World& world, std::size_t n, const Config& config) {
  const World::Index first = world.size();
  ByteVector ring;
  for (World::Index i = first; i < first + n; ++i) {
    NodeSpec spec;
    spec.name = "n" + std::to_string(i);
    if (i == first) spec.roles = {std::string(kKeymasterRole)};
    spec.config = config;
    world.add(std::move(spec));
    if (i != first) world.set_ring(i, ring);
    world.start(i, i == first);  // whoever has a ring and no seed counts as joined
    if (i == first) ring = world.peek(i).ring().serialize();
  }
  std::vector<Impl*> members;
  for (World::Index i = first; i < first + n; ++i) {
    members.push_back(&CoreAccess::impl(world.core(i)));  // touched: their views are read again
  }
  std::vector<Shared<Contact>> contacts;
  for (const Impl* member : members) {
    contacts.push_back(contact_with(*member->state.self, world.now(), *member->state.ring.newest_with_key()));
  }
  for (World::Index i = first; i < first + n; ++i) {
    std::vector<World::Index> seeds;
    for (World::Index seed = first; seed < first + std::min<std::size_t>(n, 4) && seeds.size() < 3; ++seed) {
      if (seed != i) seeds.push_back(seed);
    }
    world.set_seeds(i, std::move(seeds));
    Impl& reader = *members[i - first];
    reader.begin(world.now());
    implant(reader, members, contacts);
    world.core(i);      // was touched: its views
    world.all_alive();  // are read now, while its table is in the processor's cache
    reader.state.queue.erase_about(reader.state.id());  // everybody has heard of it
  }
  return first;
}

}  // namespace quorumor::sim
