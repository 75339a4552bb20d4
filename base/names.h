// Which names people may give: members, zones, roles, cluster labels. Lower case, so that two members cannot
// look alike by case; no spaces or control characters, so that a name can go into a log line as it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace quorumor {

inline constexpr std::size_t kNameMax = 64;  // characters

// 1 to 64 characters of [a-z0-9._-].
constexpr bool is_valid_name(std::string_view text, bool slash_allowed = false) noexcept {
  if (text.empty() || text.size() > kNameMax) return false;
  for (const char c : text) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
                    (slash_allowed && c == '/');
    if (!ok) return false;
  }
  return true;
}
// A label may also contain '/': `prod/dc1`.
constexpr bool is_valid_label(std::string_view text) noexcept { return is_valid_name(text, true); }

}  // namespace quorumor
