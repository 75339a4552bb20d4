// The machines of a world: their identities, credentials, addresses and clocks.
#include "sim/world_parts.h"

namespace quorumor::sim {

World::Index World::add(NodeSpec spec) { return make(std::move(spec), nullptr); }

Endpoint World::next_address(std::optional<std::uint32_t> zone) {
  const std::size_t k = machines_of_zone_[zone]++;
  QUORUMOR_ASSERT(k < kZoneMax && zone.value_or(0) < kZonesMax);
  const auto high = static_cast<std::uint8_t>(k / 250), low = static_cast<std::uint8_t>(k % 250);
  if (!zone) return Endpoint::v4(10, high, low, 1, 7947);
  const auto net = static_cast<std::uint8_t>(11 + *zone / 250), subnet = static_cast<std::uint8_t>(*zone % 250);
  return Endpoint::v4(net, subnet, high, static_cast<std::uint8_t>(low + 1), 7947);
}

World::Index World::make(NodeSpec spec, const Node* twin_of) {
  auto node = std::make_unique<Node>();
  const auto n = nodes_.size();
  node->endpoint = next_address(spec.zone);
  network_.set_zone(n, spec.zone.value_or(0));
  const SigningKey identity = SigningKey::generate(rng_);
  node->identity_seed = identity.seed();
  Credential c;
  rng_.fill(c.id);
  c.identity = identity.public_key();
  c.serial = Serial{1};
  c.not_before = spec.not_before;
  c.not_after = spec.not_after;
  c.name = spec.name;
  c.roles = spec.roles;
  const SigningKey& authority = spec.foreign_authority ? foreign_ : authority_;
  node->authority = authority.public_key();
  node->cluster = make_cluster_id(authority.public_key(), "sim");
  if (twin_of == nullptr) {
    node->credential = issue_credential(authority, node->cluster, c);
  } else {
    node->identity_seed = twin_of->identity_seed.clone();
    node->credential = twin_of->credential;
  }
  node->spec = std::move(spec);
  by_endpoint_.emplace(node->endpoint, n);
  views_.add(node->credential.credential.id);
  nodes_.push_back(std::move(node));
  return n;
}

World::Index World::add_clone_of(Index index) {
  const Node& original = *nodes_[index];
  const Index twin = make(original.spec, &original);
  Node& node = *nodes_[twin];
  node.ring = original.ring;
  node.snapshot = original.snapshot;
  node.verdicts = original.verdicts;
  node.generation = original.generation;
  return twin;
}

void World::set_roles(Index index, std::vector<std::string> roles) {
  Node& node = *nodes_[index];
  QUORUMOR_ASSERT(!node.core);
  Credential c = node.credential.credential;
  c.serial = Serial{c.serial.value + 1};
  c.roles = node.spec.roles = std::move(roles);
  node.credential = issue_credential(node.spec.foreign_authority ? foreign_ : authority_, node.cluster, c);
}

const SignedCredential& World::credential(Index node) const { return nodes_[node]->credential; }
void World::set_credential(Index node, SignedCredential c) { nodes_[node]->credential = std::move(c); }
void World::set_endorsements(Index node, std::vector<ByteVector> records) {
  nodes_[node]->endorsements = std::move(records);
}
void World::set_seeds(Index node, std::vector<Index> seeds) { nodes_[node]->spec.seeds = std::move(seeds); }
void World::set_wall_offset(Index node, Duration offset) { nodes_[node]->wall_offset = offset; }

void World::set_wall_offset_now(Index index, Duration offset) {
  Node& node = *nodes_[index];
  node.wall_offset = offset;
  if (node.core) node.core->set_wall_clock(now_, wall(node));
}

}  // namespace quorumor::sim
