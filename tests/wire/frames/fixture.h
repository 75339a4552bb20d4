// Rings, ids and session keys that a label fixes, and two members that know each other.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "crypto/drbg.h"
#include "wire/links.h"

namespace quorumor::test {

inline Digest test_digest(std::string_view label) { return hash("quorumor test", {as_bytes(label)}); }

// A generator whose stream the label fixes, so that every run of a test is the same run.
inline Drbg test_rng(std::string_view label) {
  static constexpr ByteArray<32> kSeed{};
  return Drbg(kSeed, label);
}

inline const ClusterId kCluster = test_digest("cluster");

inline NodeId node_id(const std::string& label) {
  const Digest digest = test_digest("id " + label);
  NodeId out;
  std::memcpy(out.data(), digest.data(), out.size());
  return out;
}

inline SessionKey session_of(const std::string& label) {
  return SessionKey::from_bytes(test_digest("session " + label));
}

// Keys and epochs apart: `name` fixes the key, whatever epoch it is announced for.
struct EpochPlan {
  std::string name;
  Suite suite = Suite::chacha20_poly1305;
};

// Epochs 1, 2, ... with these keys, all held. The announcements carry no signature, which a ring does not check.
inline Keyring make_ring(const std::vector<EpochPlan>& plan) {
  Keyring ring(kCluster);
  Digest predecessor{};
  for (std::size_t i = 0; i < plan.size(); ++i) {
    EpochKey key{Secret<32>::copy_of(test_digest("epoch " + plan[i].name))};
    SignedAnnouncement next;
    next.announcement.epoch = Epoch{i + 1};
    next.announcement.predecessor = predecessor;
    next.announcement.commitment = key.commitment(kCluster);
    next.announcement.parameters.suite = plan[i].suite;
    next.announcement.signed_at = wall_from_seconds(static_cast<std::int64_t>(60 * (i + 1)));
    next.content = encode_announcement(next.announcement);
    predecessor = next.digest();
    if (i == 0) {
      ring.bootstrap(std::move(next), std::move(key));
    } else {
      REQUIRE(ring.offer(std::move(next)));
      REQUIRE(ring.set_key(Epoch{i + 1}, std::move(key)));
    }
  }
  return ring;
}

inline const Keyring::Entry& entry_of(const Keyring& ring, std::uint64_t epoch) {
  const Keyring::Entry* entry = ring.find(Epoch{epoch});
  REQUIRE(entry != nullptr);
  return *entry;
}

inline ByteVector random_bytes(Rng& rng, std::size_t size) {
  ByteVector out(size);
  rng.fill(out);
  return out;
}

// What opening said: nothing if the frame opened.
inline std::optional<DropReason> drop_of(Links& links, const Keyring& ring, Bytes frame) {
  ByteArray<limits::kDatagram> buffer;
  const auto opened = links.open(ring, frame, buffer);
  return opened ? std::nullopt : std::optional(opened.error());
}
inline bool opens(Links& links, const Keyring& ring, Bytes frame) { return !drop_of(links, ring, frame); }

// One member: its links, and its id and session key by label.
struct Node {
  explicit Node(const std::string& label, std::size_t active_max = 4096)
      : name(label), id(node_id(label)), links(kCluster, id, session_of(label), active_max) {}

  Links::Handle meet(const Node& other) { return links.put(other.id, other.links.session_key()); }
  ByteVector seal(Links::Handle peer, const Keyring::Entry& entry, std::string_view text = "text") {
    ByteVector out(text.size() + limits::kShortOverhead);
    return to_vector(links.seal(peer, entry, as_bytes(text), out));
  }
  ByteVector seal_for(const Node& other, const Keyring::Entry& entry, std::string_view text = "text") {
    return seal(links.find(other.id), entry, text);
  }

  std::string name;
  NodeId id;
  Links links;
};

struct Pair {
  explicit Pair(std::vector<EpochPlan> plan = {{"one"}}) : ring(make_ring(plan)) {
    a.meet(b);
    b.meet(a);
  }
  const Keyring::Entry& entry(std::uint64_t epoch = 1) const { return entry_of(ring, epoch); }

  Keyring ring;
  Node a{"a"};
  Node b{"b"};
};

}  // namespace quorumor::test

// doctest prints reasons by name.
namespace doctest {
template <>
struct StringMaker<std::optional<quorumor::DropReason>> {
  static String convert(const std::optional<quorumor::DropReason>& reason) {
    return reason ? quorumor::to_string(*reason) : "opened";
  }
};
}  // namespace doctest
