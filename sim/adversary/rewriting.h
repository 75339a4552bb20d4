// What a liar tells in its joins and syncs instead of what its core would: a stream's messages are its own to write.
// Hellos and ends stay as they are, so that the other side sees a whole and valid exchange.
#pragma once

#include "node/core/core.h"

#include <deque>
#include <functional>

namespace quorumor::sim {

class StreamRewriter {
 public:
  // Gets the rumors of one message and changes them as it likes. What it adds views bytes that live until the next
  // call. More than a message holds go out in several.
  using Edit = std::function<void(std::vector<Rumor>& rumors)>;
  using EditRing = std::function<void(RingView& ring)>;
  explicit StreamRewriter(Edit edit, EditRing edit_ring = nullptr)
      : edit_(std::move(edit)), edit_ring_(std::move(edit_ring)) {}

  // The same outputs, streams rewritten; lives until the next call. What does not parse goes out as it is.
  std::span<const Output> rewrite(std::span<const Output> outputs);
  std::uint64_t rewritten() const noexcept { return rewritten_; }  // messages that came out different

 private:
  bool rewrite_one(Bytes bytes, ByteVector& out);
  void append(std::vector<Rumor>& rumors, ByteVector& out);

  Edit edit_;
  EditRing edit_ring_;
  std::vector<Output> outputs_;
  std::deque<ByteVector> bytes_;
  std::uint64_t rewritten_ = 0;
};

// Whom a rumor is about: the subject of a claim; who accuses, of an accusation. Nothing if it does not decode.
std::optional<NodeId> owner_of(const Rumor& rumor);

}  // namespace quorumor::sim
