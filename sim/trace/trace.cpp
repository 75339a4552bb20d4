#include "sim/trace/trace.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace quorumor::sim {
namespace {

constexpr std::string_view kMagic = "quorumor-trace 1";

std::string hash_text(std::uint64_t hash) {
  std::array<std::byte, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(hash >> (56 - 8 * i));
  return to_hex(bytes);
}

// A line stays one line, whatever somebody put into a name.
std::string one_line(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return out;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// The first word, which is taken off.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::string with_length(std::string_view word, std::string_view text) {
  return std::string(word) + " " + std::to_string(text.size()) + "\n" + std::string(text) + "\n";
}

std::string header_text(const TraceHeader& header) {
  std::string out = std::string(kMagic) + "\nseed " + std::to_string(header.seed) + "\n";
  out += with_length("scenario", header.scenario);
  out += "overrides " + std::to_string(header.overrides.size()) + "\n";
  for (const std::string& o : header.overrides) out += with_length("override", o);
  return out;
}

}  // namespace

// --- writing -------------------------------------------------------------------------------------------------------

TraceWriter::TraceWriter(TraceSink sink, const TraceHeader& header) : sink_(std::move(sink)) {
  sink_(header_text(header));
}

void TraceWriter::line(Instant at, std::string_view kind, World::Index node, std::string_view rest) {
  QUORUMOR_ASSERT(!ended_);
  buffer_ = std::to_string(at.time_since_epoch().count());
  buffer_.append(" ").append(kind).append(" ");
  buffer_ += node == World::kNobody ? "-" : std::to_string(node);
  buffer_.append(" ").append(rest).append("\n");
  sink_(buffer_);
}

void TraceWriter::event(const Recorded& r) {
  const Event& e = r.event;
  std::string rest = to_string(e.kind);
  if (!e.name.empty()) rest += " " + one_line(e.name);
  if (e.endpoint.port != 0) rest += " " + e.endpoint.to_string();
  rest += " " + std::to_string(e.generation.value) + "." + std::to_string(e.incarnation.value);
  if (e.kind == Event::Kind::user_event) rest += " " + one_line(e.topic) + " " + std::to_string(e.sequence.value);
  if (!e.reason.empty()) rest += " " + one_line(e.reason);
  line(r.at, "event", r.node, rest);
}

void TraceWriter::action(Instant at, std::string_view what, World::Index node) {
  line(at, "action", node, one_line(what));
}

void TraceWriter::phase(Instant at, std::string_view name) { line(at, "phase", World::kNobody, one_line(name)); }

void TraceWriter::checkpoint(Instant at, std::uint64_t hash, std::uint64_t datagrams) {
  line(at, "checkpoint", World::kNobody, hash_text(hash) + " " + std::to_string(datagrams));
}

void TraceWriter::end(std::uint64_t hash) {
  QUORUMOR_ASSERT(!ended_);
  ended_ = true;
  sink_("end " + hash_text(hash) + "\n");
}

// --- reading -------------------------------------------------------------------------------------------------------

Result<TraceReader, std::string> TraceReader::open(std::string text, std::string name) {
  TraceReader out(std::move(text), std::move(name));
  if (auto problem = out.read_header()) return std::move(*problem);
  out.body_at_ = out.at_;
  out.body_line_ = out.line_;
  return out;
}

void TraceReader::rewind() noexcept {
  at_ = body_at_;
  line_ = body_line_;
  last_ = {};
  ended_ = false;
}

std::string TraceReader::error(std::string_view what) const {
  return name_ + ":" + std::to_string(line_) + ": " + std::string(what);
}

std::optional<std::string_view> TraceReader::take_line() {
  ++line_;
  const std::size_t end = text_.find('\n', at_);
  if (end == std::string::npos) return std::nullopt;
  const std::string_view out = std::string_view(text_).substr(at_, end - at_);
  at_ = end + 1;
  return out;
}

std::optional<std::uint64_t> TraceReader::take_number(std::string_view word) {
  auto line = take_line();
  if (!line || take_word(*line) != word) return std::nullopt;
  return parse_number(*line);
}

std::optional<std::string> TraceReader::take_text(std::string_view word, std::string& out) {
  const auto size = take_number(word);
  if (!size) return error("expected `" + std::string(word) + " BYTES`");
  if (*size >= text_.size() - at_ || text_[at_ + *size] != '\n') {
    return error("the text after `" + std::string(word) + "` is not as long as it says");
  }
  out = text_.substr(at_, *size);
  at_ += *size + 1;
  line_ += 1 + static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n'));
  return std::nullopt;
}

std::optional<std::string> TraceReader::read_header() {
  if (take_line() != kMagic) return error("not a trace: it should begin with `" + std::string(kMagic) + "`");
  const auto seed = take_number("seed");
  if (!seed) return error("expected `seed NUMBER`");
  header_.seed = *seed;
  if (auto problem = take_text("scenario", header_.scenario)) return problem;
  const auto overrides = take_number("overrides");
  if (!overrides) return error("expected `overrides NUMBER`");
  for (std::uint64_t i = 0; i < *overrides; ++i) {
    header_.overrides.emplace_back();
    if (auto problem = take_text("override", header_.overrides.back())) return problem;
  }
  return std::nullopt;
}

Result<std::optional<TraceLine>, std::string> TraceReader::next() {
  if (ended_) {
    if (at_ != text_.size()) return ++line_, error("something follows `end`");
    return std::optional<TraceLine>{};
  }
  const auto text = take_line();
  if (!text) return error("the trace is cut off: it has no `end`");
  TraceLine out;
  out.number = line_;
  out.text = out.rest = *text;
  const std::string_view first = take_word(out.rest);
  if (first == "end") {
    if (out.rest.size() != 16) return error("expected `end HASH`");
    ended_ = true;
    out.kind = first;
    out.at = last_;
    return std::optional{out};
  }
  const auto at = parse_number(first);
  out.kind = take_word(out.rest);
  const std::string_view node = take_word(out.rest);
  if (node != "-") out.node = parse_number(node);
  if (!at || out.kind.empty() || (node != "-" && !out.node)) return error("expected `NANOSECONDS KIND NODE ...`");
  out.at = Instant{Duration{static_cast<std::int64_t>(*at)}};
  if (out.at < last_) return error("time goes back");
  last_ = out.at;
  return std::optional{out};
}

// --- comparing -----------------------------------------------------------------------------------------------------

std::string TraceDifference::text(std::string_view file) const {
  return "the runs part at " + std::string(file) + ":" + std::to_string(line) +
         "\n  expected: " + (expected.empty() ? "nothing more" : expected) +
         "\n  got:      " + (got.empty() ? "nothing more" : got) + "\n";
}

TraceComparer::TraceComparer(TraceReader reader) : reader_(std::move(reader)) { reader_.rewind(); }

TraceSink TraceComparer::sink() {
  return [this](std::string_view text) { take(text); };
}

// The header comes first, in one piece: the new run's may have an override that the caller added knowingly.
void TraceComparer::take(std::string_view text) {
  if (std::exchange(in_header_, false)) return;
  while (!differs() && !text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void TraceComparer::take_line(std::string_view line) {
  const auto wanted = reader_.next();
  if (!wanted) {
    error_ = wanted.error();
  } else if (!wanted.value()) {
    difference_ = TraceDifference{reader_.line() + 1, {}, std::string(line)};
  } else if (wanted.value()->text != line) {
    difference_ = TraceDifference{wanted.value()->number, std::string(wanted.value()->text), std::string(line)};
  } else {
    ++compared_;
  }
}

void TraceComparer::finish() {
  if (differs()) return;
  const auto wanted = reader_.next();
  if (!wanted) {
    error_ = wanted.error();
  } else if (wanted.value()) {
    difference_ = TraceDifference{wanted.value()->number, std::string(wanted.value()->text), {}};
  }
}

}  // namespace quorumor::sim
