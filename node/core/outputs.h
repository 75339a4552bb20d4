// Where outputs gather during one call, and the arena behind their datagrams. Both are reserved once: a steady call
// allocates nothing. When either is full, `room()` is false and whoever wanted to send waits for the next timer.
#pragma once

#include "node/core/output.h"

#include <memory>
#include <vector>

namespace quorumor {

class Outputs {
 public:
  // The arena is left unwritten: a page of it costs memory only once a datagram was there.
  explicit Outputs(std::size_t most)
      : most_(most), arena_(std::make_unique_for_overwrite<std::byte[]>(most * limits::kDatagram)) {
    list_.reserve(64);
  }

  void begin() noexcept {
    list_.clear();
    used_ = 0;
  }
  // Room for one more datagram. Events, stream requests and persists always fit (their number is bounded by what
  // causes them), so that no transition goes unseen.
  bool room() const noexcept { return used_ + limits::kDatagram <= most_ * limits::kDatagram && list_.size() < most_; }
  // Requires: room(). Write the datagram here, then `transmit` what was used.
  MutableBytes datagram_space() noexcept { return {arena_.get() + used_, limits::kDatagram}; }
  void transmit(const Endpoint& to, std::size_t size) {
    list_.emplace_back(Transmit{to, Bytes(arena_.get() + used_, size)});
    used_ += size;
  }
  void push(Output output) { list_.push_back(std::move(output)); }
  std::span<const Output> list() const noexcept { return list_; }

 private:
  std::size_t most_;
  std::vector<Output> list_;
  std::unique_ptr<std::byte[]> arena_;
  std::size_t used_ = 0;
};

}  // namespace quorumor
