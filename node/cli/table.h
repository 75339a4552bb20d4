// Columns for people: aligned, two spaces apart, nothing after the last.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quorumor {

using Row = std::vector<std::string>;

// Requires: every row has as many cells as the header. Control characters in cells show as '?', so that nothing which
// came from elsewhere can move a terminal's cursor.
std::string render_table(const Row& header, const std::vector<Row>& rows);
std::string printable(std::string text);

// "0s", "59s", "3m12s", "2h05m", "4d03h": two units, rounded down. Negative counts as 0.
std::string format_age(std::int64_t milliseconds);
// "312 B", "4.7 kB", "1.2 GB": powers of 1000.
std::string format_bytes(std::uint64_t bytes);

}  // namespace quorumor
