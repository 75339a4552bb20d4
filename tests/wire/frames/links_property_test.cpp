// Random lives of one member among others: whatever is stripped, removed, put again or restarted, and in whatever
// order, no nonce repeats, a fresh frame opens, and no frame ever opens twice.
#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "wire/frames/fixture.h"

namespace quorumor {
namespace {

using test::drop_of;
using test::Node;
using test::opens;

constexpr std::size_t kPeers = 6;

struct Sent {
  ByteVector frame;
  bool to_own = false;  // else to peer
  std::size_t peer = 0;
  bool opened = false;
};

// `own` has room for two peers' keys only, the peers for one's.
class World {
 public:
  explicit World(std::uint64_t seed)
      : ring_(test::make_ring({{"one"}, {"two", Suite::aes256_gcm}, {"one"}})),  // the third shares the first's key
        rng_(test::test_rng("property " + std::to_string(seed))) {
    for (std::size_t i = 0; i < kPeers; ++i) {
      peers_.emplace_back("peer " + std::to_string(i), 1);
      boots_.push_back(0);
      meet(i);
    }
  }

  void step() {
    const auto i = static_cast<std::size_t>(rng_.below(kPeers));
    switch (rng_.below(20)) {
      case 0:
        return remove(own_, peers_[i]);
      case 1:
        return remove(peers_[i], own_);
      case 2:
        return restart(peers_[i], i);
      case 3:
        if (rng_.below(4) == 0) restart(own_, kPeers);
        return;
      case 4:
      case 5:
      case 6:
        return replay();
      default:
        break;
    }
    meet(i);  // no change unless somebody was removed or restarted
    send(i, rng_.below(2) == 0, rng_.below(4) != 0);
  }
  std::size_t frames() const { return nonces_.size(); }
  std::size_t opened() const { return opened_; }

 private:
  void meet(std::size_t i) {
    own_.meet(peers_[i]);
    peers_[i].meet(own_);
  }
  static void remove(Node& who, const Node& whom) {
    const auto handle = who.links.find(whom.id);
    if (handle != Links::kNone) who.links.remove(handle);
  }
  void restart(Node& node, std::size_t index) {
    auto& boot = index == kPeers ? own_boots_ : boots_[index];
    node.links.set_session(test::session_of(node.name + " boot " + std::to_string(++boot)));
  }

  void send(std::size_t i, bool to_own, bool arrives) {
    Node& from = to_own ? peers_[i] : own_;
    Node& to = to_own ? own_ : peers_[i];
    const auto& entry = ring_.entries()[static_cast<std::size_t>(rng_.below(3))];
    Sent sent{from.seal_for(to, entry), to_own, i};
    REQUIRE_FALSE(sent.frame.empty());
    const std::uint64_t counter = unmask_short(sent.frame, to.id, entry.secrets).counter;
    // Keys, not epochs: the first and the third are one.
    const auto nonce = std::tuple(from.id, from.links.session_key(), to.id, to.links.session_key(),
                                  commitment_prefix(entry.commitment()), counter);
    REQUIRE(nonces_.insert(nonce).second);
    if (arrives) {
      REQUIRE_FALSE(drop_of(to.links, ring_, sent.frame));
      sent.opened = true;
      ++opened_;
      REQUIRE_FALSE(opens(to.links, ring_, sent.frame));
    }
    history_.push_back(std::move(sent));
  }

  // What was captured earlier, whatever happened since. One that was held back may open, once.
  void replay() {
    if (history_.empty()) return;
    for (int n = 0; n < 8; ++n) {
      Sent& sent = history_[static_cast<std::size_t>(rng_.below(history_.size()))];
      const bool opens_now = opens(sent.to_own ? own_.links : peers_[sent.peer].links, ring_, sent.frame);
      REQUIRE_FALSE((opens_now && sent.opened));
      if (opens_now) ++opened_;
      sent.opened = sent.opened || opens_now;
    }
  }

  Keyring ring_;
  Drbg rng_;
  Node own_{"own", 2};
  std::deque<Node> peers_;
  std::vector<int> boots_;
  int own_boots_ = 0;
  std::vector<Sent> history_;
  std::set<std::tuple<NodeId, SessionPublicKey, NodeId, SessionPublicKey, std::uint64_t, std::uint64_t>> nonces_;
  std::size_t opened_ = 0;
};

TEST_CASE("links: no nonce repeats and no frame opens twice, whatever happens in between") {
  std::size_t frames = 0;
  std::size_t opened = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    World world(seed);
    for (int i = 0; i < 800; ++i) world.step();
    frames += world.frames();
    opened += world.opened();
  }
  CHECK(frames > 5000);
  CHECK(opened > frames / 2);
}

}  // namespace
}  // namespace quorumor
