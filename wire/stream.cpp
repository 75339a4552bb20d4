#include "wire/stream.h"

#include "wire/segment.h"

#include <algorithm>

namespace quorumor {
namespace {

using segment::copy_exact;
using segment::from_data;
using segment::padded;
using segment::struct_size;
using segment::to_data;

// --- reading ---------------------------------------------------------------------------------------------------

bool read_hello(schema::Hello::Reader from, Hello& to) {
  to.version_min = from.getVersionMin();
  to.version_max = from.getVersionMax();
  to.credential = from_data(from.getCredential());
  to.probe = from.getProbe();
  const auto endorsements = from.getEndorsements();
  if (endorsements.size() > to.endorsements.capacity()) return false;
  for (const capnp::Data::Reader each : endorsements) {
    if (!is_record_size(RumorKind::endorsement, each.size())) return false;
    to.endorsements.push_back(from_data(each));
  }
  return copy_exact(from_data(from.getCluster()), to.cluster) && to.version_min >= 1 &&
         to.version_min <= to.version_max && is_record_size(RumorKind::credential, to.credential.size()) &&
         copy_exact(from_data(from.getProof()), to.proof);
}

bool read_ring(schema::Ring::Reader from, RingView& to) {
  to.floor.value = from.getFloor();
  const auto entries = from.getEntries();
  if (entries.size() > to.entries.capacity()) return false;
  for (const schema::RingEntry::Reader each : entries) {
    RingEntryView entry;
    entry.announcement = from_data(each.getAnnouncement());
    entry.signer = from_data(each.getSigner());
    entry.key = from_data(each.getKey());
    if (!is_record_size(RumorKind::announcement, entry.announcement.size()) ||
        !is_record_size(RumorKind::credential, entry.signer.size()) ||
        !copy_exact(from_data(each.getSeed()), entry.seed) || (!entry.key.empty() && entry.key.size() != 32)) {
      return false;
    }
    to.entries.push_back(entry);
  }
  const auto chain = from.getChain();
  if (chain.size() > to.chain.capacity()) return false;
  for (const capnp::Data::Reader each : chain) {
    const Bytes content = from_data(each);
    if (!is_record_size(RumorKind::announcement, content.size() + limits::kSignature)) return false;
    to.chain.push_back(content);
  }
  return true;
}

bool read_rumors(capnp::List<schema::Rumor>::Reader from, std::vector<Rumor>& to) {
  if (from.size() > limits::kStreamRumors) return false;
  to.reserve(from.size());
  for (const schema::Rumor::Reader each : from) {
    Rumor rumor;
    if (!segment::read_rumor(each, rumor)) return false;
    to.push_back(rumor);
  }
  return true;
}

bool read_stream_message(schema::StreamMessage::Reader from, StreamMessage& to) {
  switch (from.which()) {
    case schema::StreamMessage::HELLO:
      to.kind = StreamKind::hello;
      return read_hello(from.getHello(), to.hello);
    case schema::StreamMessage::RING:
      to.kind = StreamKind::ring;
      return read_ring(from.getRing(), to.ring);
    case schema::StreamMessage::RUMORS:
      to.kind = StreamKind::rumors;
      return read_rumors(from.getRumors(), to.rumors);
    case schema::StreamMessage::DONE:
      to.kind = StreamKind::done;
      return true;
  }
  return false;
}

void clear(StreamMessage& message) noexcept {
  message.kind = StreamKind::done;
  message.hello = Hello{};
  message.ring = RingView{};
  message.rumors.clear();  // keeps its memory, for the next one
}

// --- writing ---------------------------------------------------------------------------------------------------

void write_hello(const Hello& from, schema::Hello::Builder to) {
  to.setCluster(to_data(from.cluster));
  to.setVersionMin(from.version_min);
  to.setVersionMax(from.version_max);
  to.setCredential(to_data(from.credential));
  to.setProof(to_data(from.proof));
  to.setProbe(from.probe);
  if (from.endorsements.empty()) return;
  auto endorsements = to.initEndorsements(static_cast<unsigned>(from.endorsements.size()));
  for (unsigned i = 0; i < from.endorsements.size(); ++i) endorsements.set(i, to_data(from.endorsements[i]));
}

void write_ring_entry(const RingEntryView& from, schema::RingEntry::Builder to) {
  to.setAnnouncement(to_data(from.announcement));
  to.setSigner(to_data(from.signer));
  to.setSeed(to_data(from.seed));
  if (!from.key.empty()) to.setKey(to_data(from.key));
}

void write_ring(const RingView& from, schema::Ring::Builder to) {
  to.setFloor(from.floor.value);
  if (!from.entries.empty()) {
    auto entries = to.initEntries(static_cast<unsigned>(from.entries.size()));
    for (unsigned i = 0; i < from.entries.size(); ++i) write_ring_entry(from.entries[i], entries[i]);
  }
  if (!from.chain.empty()) {
    auto chain = to.initChain(static_cast<unsigned>(from.chain.size()));
    for (unsigned i = 0; i < from.chain.size(); ++i) chain.set(i, to_data(from.chain[i]));
  }
}

void write_stream_message(const StreamMessage& from, schema::StreamMessage::Builder to) {
  switch (from.kind) {
    case StreamKind::hello:
      return write_hello(from.hello, to.initHello());
    case StreamKind::ring:
      return write_ring(from.ring, to.initRing());
    case StreamKind::rumors:
      return segment::write_rumors(from.rumors, to.initRumors(static_cast<unsigned>(from.rumors.size())));
    case StreamKind::done:
      return to.setDone();
  }
}

std::size_t ring_size(const RingView& ring) noexcept {
  std::size_t size = struct_size<schema::Ring>() + (ring.entries.empty() ? 0 : segment::kWord);
  for (const RingEntryView& entry : ring.entries) {
    size += struct_size<schema::RingEntry>() + padded(entry.announcement.size()) + padded(entry.signer.size()) +
            padded(entry.seed.size()) + padded(entry.key.size());
  }
  for (const Bytes content : ring.chain) size += segment::kWord + padded(content.size());
  return size;
}

void append_length(std::size_t length, ByteVector& out) {
  ByteArray<4> head;
  store_le<std::uint32_t>(head.data(), static_cast<std::uint32_t>(length));
  out.insert(out.end(), head.begin(), head.end());
}

}  // namespace

Result<void, DecodeError> decode_stream_message(Bytes plain, StreamMessage& out) {
  clear(out);
  auto result = segment::read<schema::StreamMessage>(
      plain, limits::kStreamMessage,
      [&out](schema::StreamMessage::Reader root) { return read_stream_message(root, out); });
  if (!result) clear(out);
  return result;
}

std::size_t stream_message_size(const StreamMessage& message) noexcept {
  const std::size_t root = segment::kWord + struct_size<schema::StreamMessage>();
  switch (message.kind) {
    case StreamKind::hello:
      return root + struct_size<schema::Hello>() + message.hello.cluster.size() +
             padded(message.hello.credential.size()) + message.hello.proof.size() +
             message.hello.endorsements.size() * (segment::kWord + padded(kEndorsementRecord));
    case StreamKind::ring:
      return root + ring_size(message.ring);
    case StreamKind::rumors:
      return root + std::max(kRumorListOverhead, segment::rumors_size(message.rumors));
    case StreamKind::done:
      break;
  }
  return root;
}

void append_stream_message(const StreamMessage& message, ByteVector& out) {
  const std::size_t size = stream_message_size(message);
  QUORUMOR_ASSERT(size <= limits::kStreamMessage && message.rumors.size() <= limits::kStreamRumors);
  std::vector<std::uint64_t> scratch(size / segment::kWord);
  append_length(size, out);
  const std::size_t at = out.size();
  out.resize(at + size);
  segment::write<schema::StreamMessage>(
      scratch, MutableBytes(out).subspan(at),
      [&message](schema::StreamMessage::Builder root) { write_stream_message(message, root); });
}

void append_refusal(Refusal reason, ByteVector& out) {
  append_length(1, out);
  out.push_back(static_cast<std::byte>(reason));
}

// --- cutting a stream into frames ------------------------------------------------------------------------------

namespace {

constexpr std::uint32_t kRefusalLength = 1;

Refusal to_refusal(std::byte value) noexcept {
  const auto reason = static_cast<Refusal>(value);
  return reason >= Refusal::not_our_cluster && reason <= Refusal::malformed ? reason : Refusal::malformed;
}

}  // namespace

bool StreamReader::begin_frame(std::size_t length) {
  if (length == kRefusalLength) {
    size_ = length;
    return true;
  }
  if (length == 0 || length % segment::kWord != 0 || length > cap_) return false;
  const std::size_t words = length / segment::kWord;
  // Emptied first: a vector that grows by `resize` may take twice what was announced.
  words_.clear();
  words_.reserve(words);
  words_.resize(words);
  size_ = length;
  return true;
}

StreamReader::Next StreamReader::next(Bytes& in) {
  if (broken_) return {Status::bad_length, {}, Refusal::malformed};
  const auto take = [&in](MutableBytes to) {
    const std::size_t n = std::min(in.size(), to.size());
    if (n > 0) std::memcpy(to.data(), in.data(), n);
    in = in.subspan(n);
    return n;
  };
  if (size_ == 0) {
    head_used_ += take(MutableBytes(head_).subspan(head_used_));
    if (head_used_ < head_.size()) return {};
    if (!begin_frame(load_le<std::uint32_t>(head_.data()))) {
      broken_ = true;
      return {Status::bad_length, {}, Refusal::malformed};
    }
    used_ = 0;
  }
  const bool refusal = size_ == kRefusalLength;
  const MutableBytes frame = refusal ? MutableBytes(&refusal_, 1) : std::as_writable_bytes(std::span(words_));
  used_ += take(frame.subspan(used_));
  if (used_ < size_) return {};
  size_ = 0;
  head_used_ = 0;
  if (refusal) return {Status::refusal, {}, to_refusal(refusal_)};
  return {Status::frame, frame, Refusal::malformed};
}

ByteArray<33> session_proof_content(bool server, const ByteArray<32>& exporter) noexcept {
  ByteArray<33> content;
  content[0] = std::byte{server};
  std::memcpy(content.data() + 1, exporter.data(), exporter.size());
  return content;
}

}  // namespace quorumor
