// A plain chain of epochs to build rings from, and ways to look at rings.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "crypto/keyring.h"
#include "helpers.h"

namespace quorumor::test {

inline const ClusterId kCluster = test::test_digest("cluster");

inline EpochKey key_named(const std::string& name) {
  return {Secret<32>::copy_of(test::test_digest("key " + name))};
}

// An announcement whose key is `name`'s. Spaced by a minute, which is the default minimum.
inline SignedAnnouncement announce(std::uint64_t epoch, const std::string& name, const Digest& predecessor,
                                   std::int64_t signed_at_s) {
  static const SigningKey keymaster = test::test_key("keymaster");
  Announcement a;
  a.epoch = Epoch{epoch};
  a.predecessor = predecessor;
  a.commitment = key_named(name).commitment(kCluster);
  a.signed_at = wall_from_seconds(signed_at_s);
  return sign_announcement(keymaster, kCluster, a);
}

// The plain chain: epoch e has the key named e and is signed at 60 e seconds.
inline SignedAnnouncement link(std::uint64_t epoch) {
  static std::map<std::uint64_t, SignedAnnouncement> made;
  if (const auto found = made.find(epoch); found != made.end()) return found->second;
  const Digest predecessor = epoch == 1 ? Digest{} : link(epoch - 1).digest();
  return made[epoch] =
             announce(epoch, std::to_string(epoch), predecessor, static_cast<std::int64_t>(60 * epoch));
}

inline Keyring bootstrapped() {
  Keyring ring(kCluster);
  ring.bootstrap(link(1), key_named("1"));
  return ring;
}

// Holds the plain chain's epochs 1 to `last`, with keys up to `last_key`.
inline Keyring chain(std::uint64_t last, std::uint64_t last_key) {
  Keyring ring = bootstrapped();
  for (std::uint64_t e = 2; e <= last; ++e) {
    REQUIRE(ring.offer(link(e)));
    if (e <= last_key) REQUIRE(ring.set_key(Epoch{e}, key_named(std::to_string(e))));
  }
  return ring;
}

// "1+ 2+ 3-": the epochs held, and whether their keys are.
inline std::string shape(const Keyring& ring) {
  std::string out;
  for (const auto& entry : ring.entries()) {
    if (!out.empty()) out += ' ';
    out += std::to_string(entry.epoch().value) + (entry.has_key() ? "+" : "-");
  }
  return out;
}

inline bool order_is_strict(const Keyring& ring) {
  return std::adjacent_find(ring.entries().begin(), ring.entries().end(), [](const auto& a, const auto& b) {
           return std::make_tuple(a.epoch(), a.commitment(), a.announcement.digest()) >=
                  std::make_tuple(b.epoch(), b.commitment(), b.announcement.digest());
         }) == ring.entries().end();
}

}  // namespace quorumor::test
