#include "wire/segment.h"

namespace quorumor {
namespace {

using segment::copy_exact;
using segment::from_data;

bool read_relay(schema::Relay::Reader from, Message& to) {
  to.sealed = from_data(from.getSealed());
  return copy_exact(from_data(from.getPeer()), to.peer) && to.sealed.size() > limits::kShortOverhead &&
         to.sealed.size() <= limits::kDatagram;
}

bool read_hint(schema::Hint::Reader from, Message& to) {
  to.generation.value = from.getGeneration();
  to.incarnation.value = from.getIncarnation();
  return copy_exact(from_data(from.getSubject()), to.peer);
}

bool is_valid_coordinate(RumorKind kind, std::uint64_t coordinate) noexcept {
  if (kind == RumorKind::announcement) return coordinate != 0;
  return kind == RumorKind::event || coordinate == 0;
}

bool read_wants(capnp::List<schema::Want>::Reader from, Message& to) {
  if (from.size() > limits::kWants) return false;  // none: a carrier of rumors (docs/adr/0005)
  for (const schema::Want::Reader want : from) {
    WantItem item;
    item.kind = static_cast<RumorKind>(want.getKind());
    store_le<std::uint64_t>(item.id.data(), want.getIdLow());
    store_le<std::uint64_t>(item.id.data() + 8, want.getIdHigh());
    item.coordinate = want.getCoordinate();
    if (!is_valid(item.kind) || !is_valid_coordinate(item.kind, item.coordinate)) return false;
    to.wants.push_back(item);
  }
  return true;
}

bool read_epoch_key(schema::EpochKey::Reader from, Message& to) {
  to.epoch.value = from.getEpoch();
  to.epoch_key = from_data(from.getKey());
  return to.epoch.value != 0 && to.epoch_key.size() == 32;
}

// The schema numbers the union in the order of MessageKind; a tag that we do not know is refused.
bool read_kind(schema::Message::Reader from, Message& to) {
  switch (from.which()) {
    case schema::Message::PING:
      to.kind = MessageKind::ping;
      return true;
    case schema::Message::ACK:
      to.kind = MessageKind::ack;
      return true;
    case schema::Message::NACK:
      to.kind = MessageKind::nack;
      return true;
    case schema::Message::RELAY:
      to.kind = MessageKind::relay;
      return read_relay(from.getRelay(), to);
    case schema::Message::RELAYED:
      to.kind = MessageKind::relayed;
      return read_relay(from.getRelayed(), to);
    case schema::Message::HINT:
      to.kind = MessageKind::hint;
      return read_hint(from.getHint(), to);
    case schema::Message::WANT:
      to.kind = MessageKind::want;
      return read_wants(from.getWant(), to);
    case schema::Message::EPOCH_KEY_REQUEST:
      to.kind = MessageKind::epoch_key_request;
      to.epoch.value = from.getEpochKeyRequest().getEpoch();
      return to.epoch.value != 0;
    case schema::Message::EPOCH_KEY:
      to.kind = MessageKind::epoch_key;
      return read_epoch_key(from.getEpochKey(), to);
  }
  return false;
}

bool read_rumors(capnp::List<schema::Rumor>::Reader from, Message& to) {
  if (from.size() > limits::kRumors) return false;
  for (const schema::Rumor::Reader each : from) {
    Rumor rumor;
    if (!segment::read_rumor(each, rumor)) return false;
    to.rumors.push_back(rumor);
  }
  return true;
}

bool read_message(schema::Message::Reader from, Message& to) {
  to.newest_epoch.value = from.getNewestEpoch();
  to.newest_commitment = from.getNewestCommitment();
  to.digest = from.getDigest();
  to.sequence.value = from.getSequence();
  to.belief.generation.value = from.getBeliefGeneration();
  to.belief.incarnation.value = from.getBeliefIncarnation();
  to.next_event = from.getNextEvent();
  const std::uint8_t state = from.getBeliefState();
  // Who sealed this frame holds an epoch's key, so it has a newest one.
  if (to.newest_epoch.value == 0 || state > static_cast<std::uint8_t>(MemberState::evicted)) return false;
  to.belief.state = static_cast<MemberState>(state);
  return read_kind(from, to) && read_rumors(from.getRumors(), to);
}

}  // namespace

Result<void, DecodeError> decode_message(Bytes plain, Message& out) noexcept {
  out = Message{};
  auto result = segment::read<schema::Message>(
      plain, limits::kPlain, [&out](schema::Message::Reader root) { return read_message(root, out); });
  if (!result) out = Message{};  // parse fully, then apply: half a message is none
  return result;
}

}  // namespace quorumor
