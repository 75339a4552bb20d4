// What a person probably meant: the nearest of the words that there are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorumor {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal
// string alignment). Time and memory are the product of the lengths: words of a command line.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The first of the nearest words; nothing if none is near (a third of its length away, at least one step).
std::optional<std::string> suggest(std::string_view typed, const std::vector<std::string>& words);

}  // namespace quorumor
