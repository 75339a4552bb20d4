// Frames as an attacker makes them. One receiver with two epochs and three links, all keys fixed, fresh for each
// input. The input is used three ways:
//   raw      as a datagram: nothing but memory safety is claimed (a seed may well be a real frame), except that
//            what opened once never opens again;
//   short    as plaintext that a member seals: no change of the frame opens, the frame itself opens exactly once,
//            whatever came before it;
//   long     as plaintext of an introduction: no change of it opens, and it opens for its receiver alone.
// The first four bytes of an input choose sender, epoch and change; the rest is the content.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "wire/links.h"

namespace {

using namespace quorumor;

// What a fuzzer looks for must end the process in every build.
#define REQUIRE(expression)                                                           \
  do {                                                                                \
    if (!(expression)) {                                                              \
      std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #expression); \
      std::abort();                                                                   \
    }                                                                                 \
  } while (false)

Digest fixed(std::string_view label) { return hash("quorumor fuzz", {as_bytes(label)}); }

NodeId id_of(std::string_view label) {
  NodeId out;
  std::memcpy(out.data(), fixed(label).data(), out.size());
  return out;
}

Keyring make_ring(const ClusterId& cluster) {
  Keyring ring(cluster);
  Digest predecessor{};
  for (const std::uint64_t epoch : {1U, 2U}) {
    EpochKey key{Secret<32>::copy_of(fixed(epoch == 1 ? "first epoch" : "second epoch"))};
    SignedAnnouncement next;
    next.announcement.epoch = Epoch{epoch};
    next.announcement.predecessor = predecessor;
    next.announcement.commitment = key.commitment(cluster);
    next.announcement.parameters.suite = epoch == 1 ? Suite::chacha20_poly1305 : Suite::aes256_gcm;
    next.announcement.signed_at = wall_from_seconds(static_cast<std::int64_t>(3600 * epoch));
    next.content = encode_announcement(next.announcement);
    predecessor = next.digest();
    if (epoch == 1) {
      ring.bootstrap(std::move(next), std::move(key));
    } else {
      REQUIRE(ring.offer(std::move(next)));
      REQUIRE(ring.set_key(Epoch{epoch}, std::move(key)));
    }
  }
  return ring;
}

constexpr std::string_view kSenders[] = {"sender 0", "sender 1", "sender 2"};

struct World {
  explicit World(std::size_t sender_index)
      : sender(cluster, id_of(kSenders[sender_index]), SessionKey::from_bytes(fixed(kSenders[sender_index]))) {
    for (std::size_t i = 0; i < 3; ++i) peers[i] = receiver.put(id_of(kSenders[i]), public_key(i));
    to_receiver = sender.put(id_of("receiver"), receiver.session_key());
  }
  // Computed once: the scalar multiplication is the dearest part of an input.
  static const SessionPublicKey& public_key(std::size_t sender_index) {
    static const SessionPublicKey kKeys[] = {SessionKey::from_bytes(fixed(kSenders[0])).public_key(),
                                             SessionKey::from_bytes(fixed(kSenders[1])).public_key(),
                                             SessionKey::from_bytes(fixed(kSenders[2])).public_key()};
    return kKeys[sender_index];
  }

  const ClusterId cluster = fixed("cluster");
  Keyring ring = make_ring(cluster);
  Links receiver{cluster, id_of("receiver"), SessionKey::from_bytes(fixed("receiver"))};
  Links sender;
  Links::Handle peers[3];
  Links::Handle to_receiver;
};

struct Choice {
  std::size_t sender = 0;
  std::size_t epoch = 0;  // index
  unsigned change = 0;
  std::size_t position = 0;
  std::byte difference{};
};

Choice choose(Bytes& input) {
  ByteArray<4> head{};
  const std::size_t size = std::min(input.size(), head.size());
  if (size > 0) std::memcpy(head.data(), input.data(), size);
  input = input.subspan(size);
  const auto flags = static_cast<unsigned>(head[0]);
  Choice out;
  out.sender = flags % 3;
  out.epoch = flags / 3 % 2;
  out.change = flags / 6 % 5;
  out.position = load_le<std::uint16_t>(head.data() + 1);
  out.difference = head[3] == std::byte{0} ? std::byte{1} : head[3];
  return out;
}

// Something else than the frame, always.
ByteVector changed(Bytes frame, Bytes content, const EpochTag4& other_tag, const Choice& choice) {
  ByteVector out = to_vector(frame);
  const std::size_t at = choice.position % out.size();
  switch (choice.change) {
    case 0:
      out[at] ^= choice.difference;
      break;
    case 1:
      out.resize(at);
      break;
    case 2:
      out.push_back(choice.difference);
      break;
    case 3:
      std::memcpy(out.data() + 1, other_tag.data(), other_tag.size());
      break;
    default:
      for (std::size_t i = at; i < out.size() && i - at < content.size(); ++i) out[i] ^= content[i - at];
      if (equal(out, frame)) out.back() ^= choice.difference;
  }
  return out;
}

void try_raw(World& world, Bytes input) {
  ByteArray<limits::kDatagram> buffer;
  const auto opened = world.receiver.open(world.ring, input, buffer);
  if (opened) {
    const auto again = world.receiver.open(world.ring, input, buffer);
    REQUIRE(!again && again.error() == DropReason::replayed);
  }
  const auto head = parse_head(input);
  if (!head || head.value().type != kLongType) return;
  for (const auto& entry : world.ring.entries()) {
    const auto frame = split_long(input, entry.secrets);
    if (!frame) continue;
    REQUIRE(frame.value().size() <= input.size());
    const auto plain = MutableBytes{buffer}.first(frame.value().size() - limits::kLongOverhead);
    (void)open_long(plain, frame.value(), id_of("receiver"), entry.secrets);
  }
}

void try_short(World& world, Bytes plain, const Choice& choice) {
  plain = plain.first(std::min(plain.size(), limits::kPlain));
  const auto& entry = world.ring.entries()[choice.epoch];
  const auto& other = world.ring.entries()[1 - choice.epoch];
  ByteArray<limits::kDatagram> space;
  ByteArray<limits::kDatagram> buffer;
  const Bytes frame = world.sender.seal(world.to_receiver, entry, plain, space);
  REQUIRE(frame.size() == plain.size() + limits::kShortOverhead);
  const ByteVector wrong = changed(frame, plain, other.secrets.tag, choice);

  REQUIRE(!world.receiver.open(world.ring, wrong, buffer));
  const auto opened = world.receiver.open(world.ring, frame, buffer);
  REQUIRE(opened);
  REQUIRE(opened.value().peer == world.peers[choice.sender]);
  REQUIRE(opened.value().under.epoch == entry.epoch());
  REQUIRE(equal(opened.value().plain, plain));
  REQUIRE(!world.receiver.open(world.ring, frame, buffer));
  REQUIRE(!world.receiver.open(world.ring, wrong, buffer));
}

bool opens_long(Bytes datagram, const NodeId& receiver, const EpochSecrets& epoch, Bytes expected) {
  const auto head = parse_head(datagram);
  if (!head || head.value().type != kLongType || head.value().tag != epoch.tag) return false;
  const auto frame = split_long(datagram, epoch);
  if (!frame) return false;
  ByteArray<limits::kDatagram> buffer;
  const auto plain = MutableBytes{buffer}.first(frame.value().size() - limits::kLongOverhead);
  return open_long(plain, frame.value(), receiver, epoch) && equal(plain, expected);
}

void try_long(World& world, Bytes plain, const Choice& choice) {
  plain = plain.first(std::min(plain.size(), limits::kDatagram - limits::kLongOverhead));
  const auto& entry = world.ring.entries()[choice.epoch];
  const auto& other = world.ring.entries()[1 - choice.epoch];
  Nonce192 nonce{};
  std::copy_n(plain.begin(), std::min(plain.size(), nonce.size()), nonce.begin());
  ByteArray<limits::kDatagram> space;
  const Bytes frame = seal_long(space, plain, nonce, id_of("receiver"), entry.secrets);
  REQUIRE(opens_long(frame, id_of("receiver"), entry.secrets, plain));
  REQUIRE(!opens_long(frame, NodeId{}, entry.secrets, plain));

  const ByteVector wrong = changed(frame, plain, other.secrets.tag, choice);
  // What follows a long frame is the next frame of the datagram: more bytes are no change of it.
  const bool is_followed = wrong.size() > frame.size() && wrong.size() <= limits::kDatagram;
  REQUIRE(opens_long(wrong, id_of("receiver"), entry.secrets, plain) == is_followed);
  REQUIRE(!opens_long(wrong, id_of("receiver"), other.secrets, plain));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(data, size));
  Bytes content = input;
  const Choice choice = choose(content);
  World world(choice.sender);
  try_raw(world, input);
  try_long(world, content, choice);
  // The raw input may be a real frame of this sender's, which would make the sealed one a replay.
  World clean(choice.sender);
  try_short(clean, content, choice);
  return 0;
}
