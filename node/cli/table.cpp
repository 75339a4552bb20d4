#include "node/cli/table.h"

#include "base/assert.h"

#include <algorithm>
#include <cstdio>

namespace quorumor {
namespace {

constexpr std::size_t kGap = 2;

void append_row(std::string& out, const Row& row, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string cell = printable(row[i]);
    out += cell;
    if (i + 1 < row.size()) out.append(widths[i] - cell.size() + kGap, ' ');
  }
  out.erase(out.find_last_not_of(' ') + 1);  // of empty cells at the end
  out += '\n';
}

}  // namespace

std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  }
  return text;
}

std::string render_table(const Row& header, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& cell : header) widths.push_back(cell.size());
  for (const Row& row : rows) {
    QUORUMOR_ASSERT(row.size() == header.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  append_row(out, header, widths);
  for (const Row& row : rows) append_row(out, row, widths);
  return out;
}

std::string format_age(std::int64_t milliseconds) {
  const long long seconds = std::max<long long>(milliseconds, 0) / 1000;
  char out[48];
  if (seconds < 60) {
    std::snprintf(out, sizeof out, "%llds", seconds);
  } else if (seconds < 3600) {
    std::snprintf(out, sizeof out, "%lldm%02llds", seconds / 60, seconds % 60);
  } else if (seconds < 86'400) {
    std::snprintf(out, sizeof out, "%lldh%02lldm", seconds / 3600, seconds / 60 % 60);
  } else {
    std::snprintf(out, sizeof out, "%lldd%02lldh", seconds / 86'400, seconds / 3600 % 24);
  }
  return out;
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return std::to_string(bytes) + " B";
  std::size_t unit = 0;
  std::uint64_t tenths = bytes;  // tenths of kUnits[unit] once unit > 0
  for (bool first = true; first || tenths >= 10'000; first = false) {
    tenths /= first ? 100 : 1000;
    ++unit;
  }
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " " + kUnits[unit];
}

}  // namespace quorumor
