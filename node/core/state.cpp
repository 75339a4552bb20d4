#include "node/core/state.h"

#include "defense/quorum_policy.h"
#include "defense/trusting_policy.h"

#include <algorithm>

namespace quorumor {

CoreState::CoreState(CoreOptions&& options, const Config& settings, Instant start, WallTime wall)
    : cluster(options.cluster),
      authorities(options.authority, options.cluster),
      identity(std::move(options.identity)),
      generation(options.generation),
      advertise(std::move(options.advertise)),
      metadata(std::move(options.metadata)),
      config(settings),
      public_rng(options.entropy, "public"),
      secret_rng(options.entropy, "secret"),
      ring(options.ring ? std::move(*options.ring) : Keyring(options.cluster)),
      links(options.cluster, options.credential.credential.id, SessionKey::generate(secret_rng)),
      table(settings.members_max + 1),
      persisted_basis(options.snapshot.live_peak),
      out(kOutputsMax),
      now(start),
      wall_offset(wall.time_since_epoch() - start.time_since_epoch()) {
  ByteVector record = join_record(options.credential.content, options.credential.signature);
  self = table.insert(std::move(options.credential), std::move(record));
  QUORUMOR_ASSERT(self != nullptr);
  links.set_directory([this](std::uint64_t prefix) {
    Member* const sender = table.find_prefix(prefix);
    return sender != nullptr ? link_to(*sender) : Links::kNone;
  });
  adapt_policy();
}

Links::Handle CoreState::link_to(Member& member) {
  if (member.contact->link != Links::kNone || !member.core) return member.contact->link;
  const Links::Handle link = links.put(member.id(), member.core->whole().session_key);
  if (link == Links::kNone) return link;
  member.contact.own().link = link;
  if (by_link.size() <= link) by_link.resize(link + 1, nullptr);
  by_link[link] = &member;
  return link;
}

void CoreState::note_synced(const NodeId& peer) {
  if (synced_with.size() == synced_with.capacity()) return;
  if (std::find(synced_with.begin(), synced_with.end(), peer) == synced_with.end()) synced_with.push_back(peer);
}

void CoreState::adapt_policy() {
  // By the newest key: one that is announced and withheld changes nothing.
  const Keyring::Entry* newest = ring.newest_with_key();
  const bool defends = newest == nullptr || newest->announcement.announcement.parameters.defense;
  if (!policy || defends != policy->looks_itself()) {
    if (defends) {
      policy = std::make_unique<QuorumPolicy>(id(), persisted_basis);
    } else {
      policy = std::make_unique<TrustingPolicy>(config.suspicion_mult);
    }
    for (const auto& m : table.all()) policy->on_state(m->id(), m->state);
    policy->on_live(live, now);
  }
  policy->on_ring(ring);
}

void note_frame(const CoreState& state, Contact& from, const EntryName& under) noexcept {
  from.last_heard = state.now;
  from.unanswered_since.reset();
  from.last_frame = under;
  if (from.used.stands_before(under)) from.used = under;
}

std::size_t alive_members(const CoreState& state) noexcept {
  std::size_t out = 0;
  for (const auto& m : state.table.all()) out += m->state == MemberState::alive ? 1 : 0;
  return out;
}

std::uint64_t network_group(const CoreState& state, const Endpoint& e) noexcept {
  const auto prefix = load_le<std::uint32_t>(e.address.data());
  if (state.is_loopback_cluster()) return std::hash<Endpoint>{}(e);
  return e.family == Endpoint::Family::v4 ? prefix & 0xffff : std::uint64_t{prefix} << 32 | 1;
}

void CoreState::event(Event::Kind kind, const Member& member, std::string reason) {
  Event e;
  e.kind = kind;
  e.id = member.id();
  e.name = member.credential->credential.name;
  e.reason = std::move(reason);
  if (member.core) {
    e.generation = member.core->core.at.generation;
    e.incarnation = member.core->core.at.incarnation;
  }
  out.push(std::move(e));
}

std::optional<Endpoint> endpoint_of(const CoreState& state, const Member& member) noexcept {
  if (member.contact->proven) return member.contact->proven;
  if (!member.body) return std::nullopt;
  for (const Endpoint& e : member.body->endpoints) {
    if (!e.is_unusable() && (!e.is_loopback() || state.is_loopback_cluster())) return e;
  }
  return std::nullopt;
}

}  // namespace quorumor
