// Every size and count that bounds what the wire may ask of us, in two sections: what the protocol fixes (a
// change breaks compatibility) and what this implementation chose. Relations between them hold at compile time.
#pragma once

#include "base/names.h"
#include "crypto/announcement.h"
#include "crypto/credential.h"

#include <cstddef>
#include <cstdint>

namespace quorumor::limits {

// --- protocol ------------------------------------------------------------------------------------------------

inline constexpr std::uint8_t kVersion = 1;  // highest and lowest that we speak

// One datagram, bytes. IPv6's minimum MTU of 1280 less its headers, with room for tunnels.
inline constexpr std::size_t kDatagram = 1200;

// type u8 | epoch tag 4 | masked header 16 | ... | AEAD tag 16
inline constexpr std::size_t kShortHeader = 1 + 4 + 16;
inline constexpr std::size_t kShortOverhead = kShortHeader + kAeadTag;
// type u8 | epoch tag 4 | nonce 24 | masked length 2 | ... | AEAD tag 16
inline constexpr std::size_t kLongHeader = 1 + 4 + 24 + 2;
inline constexpr std::size_t kLongOverhead = kLongHeader + kAeadTag;

inline constexpr std::size_t kPlain = kDatagram - kShortOverhead;  // most plaintext in a short frame

// What an unproven endpoint may be sent (bytes): at most 3 for 1, whatever source was spoofed.
inline constexpr std::size_t kUnprovenPing = 256;
inline constexpr std::size_t kUnprovenIntroduction = 800;

inline constexpr std::size_t kEndpoints = 4;          // in a body
inline constexpr std::size_t kMetadata = 512;         // bytes, in a body
inline constexpr std::size_t kBody = 1000;            // bytes, a whole body
inline constexpr std::size_t kAccusedSubjects = 24;   // under one signature
inline constexpr std::size_t kAccusationEpochs = 4;
inline constexpr std::size_t kEventPayload = 512;     // bytes, piggybacked
inline constexpr std::size_t kRevocationReason = 128; // characters

inline constexpr std::size_t kCoreContent = 1 + 16 + 8 + 8 + 8 + 32 + 1 + 8 + 32;
inline constexpr std::size_t kSignature = 64;

// --- implementation ------------------------------------------------------------------------------------------

// Rumors in one datagram: the smallest takes 100 bytes or so; more than this is nonsense, refused unread.
inline constexpr std::size_t kRumors = 16;
inline constexpr std::size_t kWants = 16;
// One stream message (bytes), and rumors in it. Lengths are checked before anything is allocated.
inline constexpr std::size_t kStreamMessage = 64 * 1024;
inline constexpr std::size_t kStreamRumors = 512;
// Before a stream's peer has authenticated.
inline constexpr std::size_t kStreamUnauthenticated = 4096;
// Cap'n Proto reader: words it may traverse, given the words received; depth.
inline constexpr std::size_t kTraversalSlackWords = 64;
inline constexpr int kNesting = 6;

inline constexpr std::size_t kReplayWindow = 2048;  // counters, a peer and epoch

static_assert(kPlain > kBody + 100, "a body must fit a datagram beside a ping's own words");
static_assert(kCredentialContentMax + kSignature + 200 < kPlain, "a credential must fit a datagram");
static_assert(kAnnouncementContentMax + kSignature + 200 < kPlain, "an announcement must fit a datagram");
static_assert(1 + 16 + 8 + 8 + 1 + 8 * kAccusationEpochs + 1 + kAccusedSubjects * 32 + kSignature + 150 < kPlain,
              "a full accusation must fit a datagram");
static_assert(kUnprovenPing < kUnprovenIntroduction && kUnprovenIntroduction < kDatagram);

}  // namespace quorumor::limits
