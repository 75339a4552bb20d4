// Values of a scenario as people write them, read strictly: each reader says in one phrase what is wrong with a value
// and what is allowed, or nothing if it was taken. Nothing is clamped.
#pragma once

#include "node/agent/toml_document.h"
#include "sim/scenario/scenario.h"

#include <span>
#include <string>
#include <string_view>

namespace quorumor::sim {

using Complaint = std::string;  // empty: none

Complaint read_number(const TomlValue& value, std::uint64_t least, std::uint64_t most, std::uint64_t& out);
Complaint read_flag(const TomlValue& value, bool& out);
Complaint read_text(const TomlValue& value, std::size_t longest, std::string& out);
// "500us", "20ms", "1s", "2m", "1h"; whole numbers.
Complaint read_duration(const TomlValue& value, Duration least, Duration most, Duration& out);
// "20%", "0.05%": millionths; at most `most`.
Complaint read_rate(const TomlValue& value, std::uint32_t most_ppm, std::uint32_t& out_ppm);
// One of the words; `out` is its place.
Complaint read_word(const TomlValue& value, std::span<const std::string_view> words, std::size_t& out);
// scenario.h says how it is written.
Complaint read_picks(const TomlValue& value, Picks& out);
// "= 0", "<= 3", ">= 3", "< 3", "> 0", "1.4..1.8". Strict inequalities hold for the next representable number.
Complaint read_expectation(const TomlValue& value, Expectation& out);

// A duration in the form that read_duration takes, if it has one.
std::string duration_text(Duration duration);

}  // namespace quorumor::sim
