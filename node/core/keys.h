// What commands and queries about the cluster's keys say (NodeCore::rotate, retire, keys): epochs by number, who holds
// them, who lags. Never a key.
#pragma once

#include "crypto/keyring.h"
#include "wire/message.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace quorumor {

// Why a rotation or retirement was not announced. Nothing has changed then.
enum class KeysError : std::uint8_t {
  no_ring,         // this node holds no key
  not_joined,
  not_keymaster,   // this node's credential lacks the role
  ending,          // leaving, or silenced by a clone alarm
  bad_parameters,  // out of range
  too_soon,        // within the cluster's minimum interval after the newest epoch was signed
  last_epoch,      // the number cannot grow
  unknown_epoch,   // retire: not an epoch that this node holds
  newest_epoch,    // retire: no newer key is held
  is_retired       // retire: that was announced before
};
const char* to_string(KeysError error) noexcept;  // one phrase for a person

// What the next epoch changes; everything else stays as it is in the newest.
struct RotateOptions {
  std::optional<Suite> suite;
  std::optional<bool> defense;
  std::optional<std::uint32_t> beta_ppm;
  std::optional<std::uint8_t> epsilon_exponent;
  std::optional<std::uint32_t> min_interval_s;
};

struct EpochView {
  Epoch epoch;
  std::uint64_t commitment = 0;  // prefix; two of one number are a fork
  WallTime signed_at;
  NodeId signer{};
  ClusterParameters parameters;
  bool has_key = false;
  bool is_newest = false;        // what this node states, and seals under wherever the peer states it too
  bool is_retired = false;       // still answers who speaks under it, until it is wiped
  std::size_t holders = 0;       // of the alive members, this one included: they state it, or a newer one
  std::size_t users = 0;         // of the other alive members: their last frame came under it
};

// A retirement that a keymaster has announced and that this node does not obey yet.
struct RetirementView {
  Epoch through;
  NodeId signer{};
  bool newer_key = false;        // condition 1: a newer key is held
  std::size_t acked = 0;         // condition 2: distinct alive members that acked own probes under a newer key,
  std::size_t needed = 0;        // of so many: half of the alive, at most 32
};

struct KeysView {
  std::vector<EpochView> epochs;              // ascending; at most kLiveEpochsMax and kRetiredEpochsMax retired ones
  Epoch retired_floor;                        // everything up to here is retired; 0: nothing is
  std::size_t alive = 0;                      // members held Alive, this one included
  bool keymaster = false;                     // may this node rotate?
  std::optional<RetirementView> retirement;
  Duration rotation_allowed_in{};             // the cluster's minimum interval forbids one for so long; never negative
  std::optional<Duration> rotates_in;         // automatic rotation by this node; never negative
};

}  // namespace quorumor
