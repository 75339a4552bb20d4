// Keeps a log from filling a disk: what peers can cause often is written at most kBurst times in kWindow a key, and
// then once more, to say how many were left out. Pure: time comes in. Not thread-safe.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

class RateLimiter {
 public:
  static constexpr unsigned kBurst = 10;
  static constexpr Duration kWindow = 10s;
  // Keys held at once. They come from the program, not from peers; should a caller ever build them from names, all
  // above this number share one window instead of growing the map.
  static constexpr std::size_t kKeysMax = 64;

  struct Suppressed {
    std::string key;
    std::uint64_t count = 0;
  };

  // True if a line of this key may be written. A key's window begins with its first line.
  bool admit(std::string_view key, Instant now);
  // The windows that are over and left lines out; each is told once. Call when next_due() has come.
  std::vector<Suppressed> collect(Instant now);
  // When the first window ends that left something out; nothing if none did.
  std::optional<Instant> next_due() const;

 private:
  struct Window {
    Instant ends;
    unsigned written = 0;
    std::uint64_t suppressed = 0;
  };
  Window& window(std::string_view key, Instant now);
  void forget_finished(Instant now);

  std::map<std::string, Window, std::less<>> windows_;
  std::vector<Suppressed> finished_;  // ended by a new line of their key before collect saw them; one a key at most
};

}  // namespace quorumor
