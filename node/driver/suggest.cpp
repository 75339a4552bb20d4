#include "node/driver/suggest.h"

#include <algorithm>

namespace quorumor {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> cells((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return cells[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return at(a.size(), b.size());
}

std::optional<std::string> suggest(std::string_view typed, const std::vector<std::string>& words) {
  constexpr std::size_t kLongest = 64;  // nobody mistypes a word into something longer
  if (typed.empty() || typed.size() > kLongest) return std::nullopt;
  const std::string* nearest = nullptr;
  std::size_t distance = 0;
  for (const std::string& word : words) {
    const std::size_t d = edit_distance(typed, word);
    if (d > std::max<std::size_t>(1, word.size() / 3)) continue;
    if (nearest != nullptr && d >= distance) continue;
    nearest = &word;
    distance = d;
  }
  if (nearest == nullptr) return std::nullopt;
  return *nearest;
}

}  // namespace quorumor
