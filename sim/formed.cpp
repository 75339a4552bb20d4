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
  contact.stated = contact.used = contact.last_frame = epoch.name();
  contact.acked_epoch = epoch.epoch();
  return contact;
}

// One more member of the table that all others are copied from. Its records are copies, side by side in memory: those
// of the nodes themselves lie far apart, and to count an owner of one would cost a miss of every cache there is.
void collect(MemberTable& everybody, const CoreState& node) {
  const Member& self = *node.self;
  SignedCredential credential;  // its parts; the record holds the whole
  credential.credential = self.credential->whole();
  Member* const member = everybody.insert(std::move(credential), self.credential->record);
  QUORUMOR_ASSERT(member != nullptr);
  everybody.set_core(*member, HeldCore(self.core->record));
  member->body = HeldBody(*self.body);
  member->contact = contact_with(self, node.now, *node.ring.newest_with_key());
  everybody.set_state(*member, self.state, self.state_since);
}

// What intake leaves behind once everybody's claims have come.
void implant(Impl& reader, const std::vector<Impl*>& members, const MemberTable& everybody) {
  CoreState& s = reader.state;
  s.table.reserve(members.size());
  s.policy->expect(members.size());
  s.live = members.size();
  s.policy->on_live(s.live, s.now);
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i] == &reader) continue;
    Member* const member = s.table.adopt(*everybody.all()[i]);
    QUORUMOR_ASSERT(member != nullptr);
    s.policy->on_state(member->id(), member->state);
    reader.transitions.schedule().add(member->slot, s.secret_rng);
    s.note_synced(member->id());
  }
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
  MemberTable everybody(n);
  for (const Impl* member : members) collect(everybody, member->state);
  for (World::Index i = first; i < first + n; ++i) {
    std::vector<World::Index> seeds;
    for (World::Index seed = first; seed < first + std::min<std::size_t>(n, 4) && seeds.size() < 3; ++seed) {
      if (seed != i) seeds.push_back(seed);
    }
    std::vector<Endpoint> endpoints;
    for (const World::Index seed : seeds) endpoints.push_back(world.endpoint(seed));
    world.set_seeds(i, std::move(seeds));
    Impl& reader = *members[i - first];
    reader.begin(world.now());
    implant(reader, members, everybody);
    reader.joiner.add_seeds(endpoints, false);
    world.core(i);      // was touched: its views
    world.all_alive();  // are read now, while its table is in the processor's cache
    reader.state.queue.erase_about(reader.state.id());  // everybody has heard of it
  }
  return first;
}

}  // namespace quorumor::sim
