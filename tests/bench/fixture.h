// A node under test, and a peer of it that the benchmark plays itself: it holds the peer's session key, so it can seal
// any frame to the node. The peer and `others` more members are known to the node from its snapshot.
#pragma once

#include "crypto/drbg.h"
#include "node/core/core.h"
#include "wire/links.h"

#include <functional>
#include <memory>

namespace quorumor::bench {

struct Person {
  SigningKey identity;
  ByteArray<32> session_secret{};
  SignedCredential credential;
  ByteVector credential_record, core_record, body_record;
  Endpoint endpoint;
};

// What is not usual about it.
struct FixtureSetup {
  std::size_t others = 0;  // beside the node and its peer
  ClusterParameters parameters{};
  Config config = Config::lan();
  std::function<Endpoint(std::size_t)> endpoint{};  // of each person; default: 10.0.i.1, all of one network group
};

class Fixture {
 public:
  explicit Fixture(std::size_t others, Suite suite = Suite::chacha20_poly1305);
  explicit Fixture(const FixtureSetup& setup);

  NodeCore& node() { return *node_; }
  const Person& peer() const { return *people_[1]; }
  const Person& person(std::size_t i) const { return *people_[i]; }
  const Keyring::Entry& epoch() const { return *ring_.newest(); }
  const Keyring& ring() const { return ring_; }
  const ClusterId& cluster() const { return cluster_; }
  Instant now() const { return now_; }
  void advance(Duration by) { now_ += by; }
  // Seals a message to the node, from the peer or from another person (not 0, the node).
  ByteVector frame(const Message& message, std::size_t from = 1);
  // Opens a datagram of the node to a person, past an introduction; nothing if it does not open. Valid while `plain`.
  std::optional<Bytes> open(Bytes datagram, std::size_t to, MutableBytes plain);
  // A message as the peer would send it, without news.
  Message blank(MessageKind kind) const;

 private:
  std::unique_ptr<Person> make_person(const std::string& name, const FixtureSetup& setup);
  Links& links_of(std::size_t person);
  Drbg rng_;
  SigningKey authority_;
  ClusterId cluster_;
  Instant now_{Instant{1000s}};
  std::vector<std::unique_ptr<Person>> people_;  // the node, its peer, the others
  Keyring ring_;
  std::unique_ptr<NodeCore> node_;
  std::vector<std::unique_ptr<Links>> links_;  // by person; made when first needed
};

}  // namespace quorumor::bench
