// The two frames on the wire, as pure functions over bytes: layout, masks, associated data (PROTOCOL section 3).
//
// Short (all steady traffic):
//   0 type 0x51 | 1 epoch tag 4 | 5 masked header 16 | 21 ciphertext | AEAD tag 16
//   header = first 8 bytes of the sender's id | counter u64 little-endian
//   mask   = bytes 0 to 15 of HChaCha20(header key, AEAD tag XOR receiver id)
//   nonce  = counter (8, little-endian) | 0 0 0 0;  associated data = type | tag | header | receiver id
// Long (an introduction; a short frame follows it in the same datagram):
//   0 type 0x4C | 1 epoch tag 4 | 5 random nonce 24 | 29 masked length u16 | 31 ciphertext | AEAD tag 16
//   length = ciphertext and tag, bytes, little-endian
//   mask   = bytes 16 and 17 of HChaCha20(header key, nonce[0..16)): never the bytes that mask a short header, so
//            that a nonce chosen to equal a short frame's input tells nothing about that frame
//   associated data = type | tag | nonce | length | receiver id;  an unknown receiver's id is 16 zero bytes
//
// To somebody without the header key everything after the epoch tag looks random: no name, id, address, counter
// or boot can be linked. That holds for the long frame's nonce too, which travels in the clear: it is 24 fresh
// random bytes each time, because a prefix kept for a whole boot would link every introduction of that boot.
// A datagram made by no key holder, or for somebody else, unmasks to a random id and dies on a table miss, before
// any AEAD work.
//
// What is left to an observer: type, epoch tag, size and timing. What is left to a holder of the header key alone:
// who talks to whom, if he guesses the receiver. Nothing here allocates.
#pragma once

#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/epoch.h"
#include "wire/limits.h"

namespace quorumor {

inline constexpr std::byte kShortType{0x51};
inline constexpr std::byte kLongType{0x4c};

// Why a datagram was dropped; each has a counter. Never a log line.
enum class DropReason : std::uint8_t {
  too_short,
  too_long,
  unknown_type,
  unknown_epoch,
  unknown_sender,
  replayed,
  forged,
  malformed,
  unexpected,
  over_limit
};
inline constexpr std::size_t kDropReasons = 10;
const char* to_string(DropReason reason) noexcept;

struct ShortHeader {
  std::uint64_t sender_prefix = 0;
  std::uint64_t counter = 0;
};

// Length, type and epoch tag, without any key. `tag` is what follows the type.
struct FrameHead {
  std::byte type{};
  EpochTag4 tag{};
};
// Ensures: at most kDatagram bytes, a known type, and at least that type's overhead.
Result<FrameHead, DropReason> parse_head(Bytes frame) noexcept;

// Seals `plain` into `out` and returns the frame: plain.size() + kShortOverhead bytes. Plain either lies exactly at
// out[kShortHeader] or does not overlap `out`. Requires: out is large enough, plain <= kPlain; (key,
// header.counter) never used before.
MutableBytes seal_short(MutableBytes out, Bytes plain, const ShortHeader& header, const NodeId& receiver, Suite suite,
                        const EpochSecrets& epoch, std::span<const std::byte, 32> key) noexcept;
// Requires: parse_head succeeded with kShortType.
ShortHeader unmask_short(Bytes frame, const NodeId& receiver, const EpochSecrets& epoch) noexcept;
// Opens into `plain` (exactly frame.size() - kShortOverhead bytes), which either lies exactly at
// frame[kShortHeader] or does not overlap the frame. Requires: `header` is what unmask_short gave.
[[nodiscard]] bool open_short(MutableBytes plain, Bytes frame, const ShortHeader& header, const NodeId& receiver,
                              Suite suite, std::span<const std::byte, 32> key) noexcept;

// As seal_short. Requires: plain.size() + kLongOverhead <= kDatagram; nonce: 24 fresh random bytes (see above).
MutableBytes seal_long(MutableBytes out, Bytes plain, const Nonce192& nonce, const NodeId& receiver,
                       const EpochSecrets& epoch) noexcept;
// The whole long frame at the head of `datagram`, by its masked length. Requires: parse_head succeeded with
// kLongType. Fails with `forged` if the length runs past the end or cannot hold a tag: no key holder sent that.
Result<Bytes, DropReason> split_long(Bytes datagram, const EpochSecrets& epoch) noexcept;
// Requires: `frame` is what split_long gave, `plain` exactly frame.size() - kLongOverhead bytes.
[[nodiscard]] bool open_long(MutableBytes plain, Bytes frame, const NodeId& receiver,
                             const EpochSecrets& epoch) noexcept;

}  // namespace quorumor
