#include "sim/adversary/rewriting.h"

#include "crypto/credential.h"

namespace quorumor::sim {

std::span<const Output> StreamRewriter::rewrite(std::span<const Output> outputs) {
  outputs_.assign(outputs.begin(), outputs.end());
  bytes_.clear();
  for (Output& output : outputs_) {
    auto* request = std::get_if<StreamRequest>(&output);
    if (request == nullptr || request->action != StreamRequest::Action::send) continue;
    ByteVector out;
    if (!rewrite_one(request->bytes, out)) continue;
    bytes_.push_back(std::move(out));
    request->bytes = bytes_.back();
  }
  return outputs_;
}

// A send holds whole messages: the core queues them so.
bool StreamRewriter::rewrite_one(Bytes bytes, ByteVector& out) {
  StreamReader reader(limits::kStreamMessage);
  StreamMessage message;
  bool changed = false;
  while (!bytes.empty()) {
    const StreamReader::Next next = reader.next(bytes);
    if (next.status != StreamReader::Status::frame || !decode_stream_message(next.frame, message)) return false;
    if (message.kind == StreamKind::ring && edit_ring_) {
      edit_ring_(message.ring);
      changed = true;
    }
    if (message.kind != StreamKind::rumors) {
      append_stream_message(message, out);
      continue;
    }
    const std::size_t before = message.rumors.size();
    edit_(message.rumors);
    ++rewritten_;
    changed = changed || before != 0;
    append(message.rumors, out);
  }
  return changed;
}

void StreamRewriter::append(std::vector<Rumor>& rumors, ByteVector& out) {
  StreamMessage part;
  part.kind = StreamKind::rumors;
  std::size_t size = stream_message_size(part);
  for (const Rumor& rumor : rumors) {
    const std::size_t more = rumor_size(rumor) + kRumorListOverhead;
    if (part.rumors.size() == limits::kStreamRumors || size + more > limits::kStreamMessage) {
      append_stream_message(part, out);
      part.rumors.clear();
      size = stream_message_size(part);
    }
    part.rumors.push_back(rumor);
    size += more;
  }
  if (!part.rumors.empty()) append_stream_message(part, out);
}

std::optional<NodeId> owner_of(const Rumor& rumor) {
  if (rumor.kind == RumorKind::body) return peek_body_id(rumor.record);
  if (rumor.kind == RumorKind::credential) {
    const auto credential = decode_credential(rumor.content());
    return credential ? std::optional(credential.value().id) : std::nullopt;
  }
  if (rumor.kind == RumorKind::core) {
    const auto core = decode_core(rumor.content());
    return core ? std::optional(core.value().id) : std::nullopt;
  }
  if (rumor.kind == RumorKind::accusation) {
    const auto accusation = decode_accusation(rumor.content());
    return accusation ? std::optional(accusation.value().accuser) : std::nullopt;
  }
  if (rumor.kind == RumorKind::event) {
    const auto event = decode_event(rumor.content());
    return event ? std::optional(event.value().origin) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace quorumor::sim
