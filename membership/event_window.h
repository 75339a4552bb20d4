// Which of an origin's events were taken: each sequence once, within a window behind the newest. It answers replays
// and the many ways in which gossip and syncs bring the same event again; the signature cannot, since a copy is as
// genuine as the first.
//
// Rules. `from` is the next sequence that the origin's core named when this generation was first seen: below it is
// history, which a joiner must not be told as news. The window slides with the newest sequence accepted, so an origin
// that jumps ahead loses only its own older events. Behind it nothing is ever accepted again: what is forgotten
// counts as taken, never as new.
//
// Value type. Untouched it holds no memory beside itself; the first accept allocates kSpan bits. Operations are O(1),
// but for accept, which clears at most kSpan bits.
#pragma once

#include "base/strong.h"

#include <array>
#include <cstdint>
#include <memory>

namespace quorumor {

class EventWindow {
 public:
  static constexpr std::uint64_t kSpan = 1024;  // sequences, the newest included
  static constexpr std::size_t kWords = kSpan / 64;

  enum class Verdict : std::uint8_t {
    news,
    known,   // within the window, and taken before
    too_old  // below `from`, or behind the window
  };

  EventWindow() = default;
  explicit EventWindow(Sequence from) noexcept : from_(from) {}

  Verdict judge(Sequence sequence) const noexcept;
  // Requires: judge(sequence) == news.
  void accept(Sequence sequence);
  // One past the newest that was accepted; while untouched, `from`. The greatest sequence has no successor: itself.
  Sequence next() const noexcept;
  // Nothing was accepted since it was made: nothing that would be worth writing down.
  bool is_untouched() const noexcept { return seen_ == nullptr; }

  // What a snapshot keeps of a window that was touched.
  struct Saved {
    Sequence from;
    Sequence newest;
    std::array<std::uint64_t, kWords> seen{};
    friend bool operator==(const Saved&, const Saved&) = default;
  };
  // Requires: !is_untouched().
  Saved save() const noexcept;
  // Any bits are a window; if they were not saved by `save`, a wrong one, that still never grows.
  static EventWindow restore(const Saved& saved);

 private:
  bool has(std::uint64_t sequence) const noexcept { return ((*seen_)[word(sequence)] & bit(sequence)) != 0; }
  static std::size_t word(std::uint64_t sequence) noexcept { return static_cast<std::size_t>(sequence / 64) % kWords; }
  static std::uint64_t bit(std::uint64_t sequence) noexcept { return std::uint64_t{1} << (sequence % 64); }

  Sequence from_;
  Sequence newest_;                  // meaningless while untouched
  using Bits = std::array<std::uint64_t, kWords>;
  std::unique_ptr<Bits> seen_;       // once touched; the bit of sequence s is s mod kSpan
};

}  // namespace quorumor
