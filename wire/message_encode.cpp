#include "wire/segment.h"

namespace quorumor {
namespace {

using segment::padded;
using segment::struct_size;
using segment::to_data;

void write_relay(const Message& from, schema::Relay::Builder to) {
  to.setPeer(to_data(from.peer));
  to.setSealed(to_data(from.sealed));
}

void write_hint(const Message& from, schema::Hint::Builder to) {
  to.setSubject(to_data(from.peer));
  to.setGeneration(from.generation.value);
  to.setIncarnation(from.incarnation.value);
}

void write_wants(const Message& from, schema::Message::Builder to) {
  auto wants = to.initWant(static_cast<unsigned>(from.wants.size()));
  for (unsigned i = 0; i < from.wants.size(); ++i) {
    const WantItem& item = from.wants[i];
    schema::Want::Builder want = wants[i];
    want.setKind(static_cast<std::uint8_t>(item.kind));
    want.setIdLow(load_le<std::uint64_t>(item.id.data()));
    want.setIdHigh(load_le<std::uint64_t>(item.id.data() + 8));
    want.setCoordinate(item.coordinate);
  }
}

void write_kind(const Message& from, schema::Message::Builder to) {
  switch (from.kind) {
    case MessageKind::ping:
      return to.setPing();
    case MessageKind::ack:
      return to.setAck();
    case MessageKind::nack:
      return to.setNack();
    case MessageKind::relay:
      return write_relay(from, to.initRelay());
    case MessageKind::relayed:
      return write_relay(from, to.initRelayed());
    case MessageKind::hint:
      return write_hint(from, to.initHint());
    case MessageKind::want:
      return write_wants(from, to);
    case MessageKind::epoch_key_request:
      return to.initEpochKeyRequest().setEpoch(from.epoch.value);
    case MessageKind::epoch_key: {
      schema::EpochKey::Builder key = to.initEpochKey();
      key.setEpoch(from.epoch.value);
      key.setKey(to_data(from.epoch_key));
      return;
    }
  }
}

std::size_t kind_size(const Message& message) noexcept {
  switch (message.kind) {
    case MessageKind::ping:
    case MessageKind::ack:
    case MessageKind::nack:
      return 0;
    case MessageKind::relay:
    case MessageKind::relayed:
      return struct_size<schema::Relay>() + padded(message.peer.size()) + padded(message.sealed.size());
    case MessageKind::hint:
      return struct_size<schema::Hint>() + padded(message.peer.size());
    case MessageKind::want:
      return segment::kWord + message.wants.size() * struct_size<schema::Want>();
    case MessageKind::epoch_key_request:
      return struct_size<schema::EpochKeyRequest>();
    case MessageKind::epoch_key:
      return struct_size<schema::EpochKey>() + padded(message.epoch_key.size());
  }
  return 0;
}

void write_message(const Message& from, schema::Message::Builder to) {
  to.setNewestEpoch(from.newest_epoch.value);
  to.setNewestCommitment(from.newest_commitment);
  to.setDigest(from.digest);
  to.setSequence(from.sequence.value);
  to.setBeliefGeneration(from.belief.generation.value);
  to.setBeliefIncarnation(from.belief.incarnation.value);
  to.setBeliefState(static_cast<std::uint8_t>(from.belief.state));
  to.setNextEvent(from.next_event);
  write_kind(from, to);
  if (from.rumors.empty()) return;
  segment::write_rumors({from.rumors.data(), from.rumors.size()},
                        to.initRumors(static_cast<unsigned>(from.rumors.size())));
}

}  // namespace

std::size_t message_size(const Message& without_rumors) noexcept {
  return segment::kWord + struct_size<schema::Message>() + kind_size(without_rumors);
}

MutableBytes encode_message(const Message& message, MutableBytes out) noexcept {
  const std::size_t size = message_size(message) + segment::rumors_size({message.rumors.data(), message.rumors.size()});
  return segment::write_datagram<schema::Message>(
      size, out, [&message](schema::Message::Builder root) { write_message(message, root); });
}

}  // namespace quorumor
