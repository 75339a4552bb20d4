#include "wire/frame.h"

#include "base/assert.h"

namespace quorumor {

namespace {

using limits::kDatagram;
using limits::kLongHeader;
using limits::kLongOverhead;
using limits::kShortHeader;
using limits::kShortOverhead;

constexpr std::size_t kTypeAndTag = 1 + 4;
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kLengthAt = kTypeAndTag + 24;
constexpr std::size_t kLengthMaskAt = 16;
static_assert(kShortHeader == kTypeAndTag + 16 && kLongHeader == kLengthAt + 2);
static_assert(kShortOverhead < kLongOverhead, "parse_head tests the smaller one first");
static_assert(kDatagram <= 0xffff, "a long frame's length is a u16");

using ShortAssociated = ByteArray<kShortHeader + kIdSize>;
using LongAssociated = ByteArray<kLongHeader + kIdSize>;

// Both ends build the associated data from the unmasked header, so a flipped bit anywhere fails the tag.
ShortAssociated associated_short(const std::byte* type_and_tag, const ShortHeader& header, const NodeId& receiver) {
  ShortAssociated out;
  std::memcpy(out.data(), type_and_tag, kTypeAndTag);
  store_le(out.data() + kTypeAndTag, header.sender_prefix);
  store_le(out.data() + kTypeAndTag + 8, header.counter);
  std::memcpy(out.data() + kShortHeader, receiver.data(), kIdSize);
  return out;
}

LongAssociated associated_long(const std::byte* up_to_nonce, std::uint16_t length, const NodeId& receiver) {
  LongAssociated out;
  std::memcpy(out.data(), up_to_nonce, kLengthAt);
  store_le(out.data() + kLengthAt, length);
  std::memcpy(out.data() + kLongHeader, receiver.data(), kIdSize);
  return out;
}

Nonce96 short_nonce(std::uint64_t counter) {
  Nonce96 out{};
  store_le(out.data(), counter);
  return out;
}

// The receiver enters the mask, so that a frame for somebody else unmasks to nobody's id.
ByteArray<32> short_mask(Bytes frame, const NodeId& receiver, const EpochSecrets& epoch) {
  ByteArray<16> input;
  const std::byte* tag = frame.last<kAeadTag>().data();
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = tag[i] ^ receiver[i];
  ByteArray<32> mask;
  hchacha20(mask, input, epoch.header_key.bytes());
  return mask;
}

std::uint16_t length_mask(Bytes frame, const EpochSecrets& epoch) {
  ByteArray<32> mask;
  hchacha20(mask, frame.subspan<kTypeAndTag, 16>(), epoch.header_key.bytes());
  return load_le<std::uint16_t>(mask.data() + kLengthMaskAt);
}

Nonce192 long_nonce(Bytes frame) {
  Nonce192 out;
  std::memcpy(out.data(), frame.data() + kTypeAndTag, out.size());
  return out;
}

}  // namespace

const char* to_string(DropReason reason) noexcept {
  static constexpr const char* kNames[kDropReasons] = {"too_short",      "too_long",  "unknown_type", "unknown_epoch",
                                                       "unknown_sender", "replayed",  "forged",       "malformed",
                                                       "unexpected",     "over_limit"};
  static_assert(static_cast<std::size_t>(DropReason::over_limit) + 1 == kDropReasons);
  const auto index = static_cast<std::size_t>(reason);
  QUORUMOR_ASSERT(index < kDropReasons);
  return kNames[index];
}

Result<FrameHead, DropReason> parse_head(Bytes frame) noexcept {
  if (frame.size() < kShortOverhead) return DropReason::too_short;
  if (frame.size() > kDatagram) return DropReason::too_long;
  FrameHead head;
  head.type = frame[0];
  if (head.type != kShortType && head.type != kLongType) return DropReason::unknown_type;
  if (head.type == kLongType && frame.size() < kLongOverhead) return DropReason::too_short;
  std::memcpy(head.tag.data(), frame.data() + 1, head.tag.size());
  return head;
}

MutableBytes seal_short(MutableBytes out, Bytes plain, const ShortHeader& header, const NodeId& receiver, Suite suite,
                        const EpochSecrets& epoch, std::span<const std::byte, 32> key) noexcept {
  QUORUMOR_ASSERT(plain.size() <= limits::kPlain && out.size() >= plain.size() + kShortOverhead);
  const MutableBytes frame = out.first(plain.size() + kShortOverhead);
  frame[0] = kShortType;
  std::memcpy(frame.data() + 1, epoch.tag.data(), epoch.tag.size());
  const ShortAssociated associated = associated_short(frame.data(), header, receiver);
  aead_seal(suite, frame.subspan(kShortHeader), plain, associated, short_nonce(header.counter), key);
  const ByteArray<32> mask = short_mask(frame, receiver, epoch);
  for (std::size_t i = 0; i < 16; ++i) frame[kTypeAndTag + i] = associated[kTypeAndTag + i] ^ mask[i];
  return frame;
}

ShortHeader unmask_short(Bytes frame, const NodeId& receiver, const EpochSecrets& epoch) noexcept {
  QUORUMOR_ASSERT(frame.size() >= kShortOverhead);
  const ByteArray<32> mask = short_mask(frame, receiver, epoch);
  ShortHeader header;
  header.sender_prefix = load_le<std::uint64_t>(frame.data() + kTypeAndTag) ^ load_le<std::uint64_t>(mask.data());
  header.counter = load_le<std::uint64_t>(frame.data() + kTypeAndTag + 8) ^ load_le<std::uint64_t>(mask.data() + 8);
  return header;
}

bool open_short(MutableBytes plain, Bytes frame, const ShortHeader& header, const NodeId& receiver, Suite suite,
                std::span<const std::byte, 32> key) noexcept {
  QUORUMOR_ASSERT(frame.size() >= kShortOverhead && plain.size() == frame.size() - kShortOverhead);
  const ShortAssociated associated = associated_short(frame.data(), header, receiver);
  return aead_open(suite, plain, frame.subspan(kShortHeader), associated, short_nonce(header.counter), key);
}

MutableBytes seal_long(MutableBytes out, Bytes plain, const Nonce192& nonce, const NodeId& receiver,
                       const EpochSecrets& epoch) noexcept {
  QUORUMOR_ASSERT(plain.size() + kLongOverhead <= kDatagram && out.size() >= plain.size() + kLongOverhead);
  const MutableBytes frame = out.first(plain.size() + kLongOverhead);
  frame[0] = kLongType;
  std::memcpy(frame.data() + 1, epoch.tag.data(), epoch.tag.size());
  std::memcpy(frame.data() + kTypeAndTag, nonce.data(), nonce.size());
  const auto length = static_cast<std::uint16_t>(plain.size() + kAeadTag);
  const LongAssociated associated = associated_long(frame.data(), length, receiver);
  xaead_seal(frame.subspan(kLongHeader), plain, associated, nonce, epoch.group_key.bytes());
  store_le(frame.data() + kLengthAt, static_cast<std::uint16_t>(length ^ length_mask(frame, epoch)));
  return frame;
}

Result<Bytes, DropReason> split_long(Bytes datagram, const EpochSecrets& epoch) noexcept {
  QUORUMOR_ASSERT(datagram.size() >= kLongOverhead);
  const auto masked = load_le<std::uint16_t>(datagram.data() + kLengthAt);
  const std::size_t length = static_cast<std::uint16_t>(masked ^ length_mask(datagram, epoch));
  if (length < kAeadTag || length > datagram.size() - kLongHeader) return DropReason::forged;
  return datagram.first(kLongHeader + length);
}

bool open_long(MutableBytes plain, Bytes frame, const NodeId& receiver, const EpochSecrets& epoch) noexcept {
  QUORUMOR_ASSERT(frame.size() >= kLongOverhead && plain.size() == frame.size() - kLongOverhead);
  // split_long cut the frame at the unmasked length, so the size says what the length field said.
  const auto length = static_cast<std::uint16_t>(frame.size() - kLongHeader);
  const LongAssociated associated = associated_long(frame.data(), length, receiver);
  return xaead_open(plain, frame.subspan(kLongHeader), associated, long_nonce(frame), epoch.group_key.bytes());
}

}  // namespace quorumor
