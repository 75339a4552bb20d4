// The names of all figures and distributions that a run can have, with unit and meaning: one table for `expect`, the
// JSON, the page, the documentation and `quorumor-sim list --figures`.
#pragma once

#include <span>
#include <string_view>

namespace quorumor::sim {

struct Figure {
  std::string_view name;
  std::string_view unit;     // "s", "messages", "bytes", "" ...
  bool distribution = false; // has samples; its figures are name.p50, .p90, .p99, .max, .mean, .count
  std::string_view meaning;  // one sentence
};
std::span<const Figure> figures() noexcept;
bool is_figure(std::string_view name) noexcept;  // with a suffix where it is a distribution

}  // namespace quorumor::sim
