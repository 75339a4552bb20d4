#include "sim/check/trace.h"

#include <algorithm>
#include <cstdio>

namespace quorumor::sim {

void Trace::push(Line line) {
  if (!lines_.empty() && lines_.back() == line) return;
  lines_.push_back(std::move(line));
  if (lines_.size() > kLines) lines_.pop_front();
}

void Trace::note(const Stage& stage, const Recorded& recorded) {
  Line line;
  line.at = recorded.at;
  line.node = recorded.node;
  line.about = stage.world.find(recorded.event.id).value_or(World::kNobody);
  line.kind = recorded.event.kind;
  line.generation = recorded.event.generation;
  line.incarnation = recorded.event.incarnation;
  line.text = recorded.event.reason;
  push(std::move(line));
}

void Trace::note(const Stage& stage, const std::string& action, World::Index node) {
  Line line;
  line.at = stage.world.now();
  line.node = node;
  line.is_action = true;
  line.text = action;
  push(std::move(line));
}

std::string Trace::format(const Stage& stage, const Line& line) {
  char time[32];
  std::snprintf(time, sizeof time, "%.6f s ", std::chrono::duration<double>(line.at - stage.began).count());
  std::string out = time;
  const bool somebody = line.node < stage.world.size();
  const std::string node = somebody ? stage.world.spec(line.node).name : std::string("all");
  if (line.is_action) return out + line.text + " " + node;
  out += node + ": " + to_string(line.kind);
  if (line.about < stage.world.size()) out += " " + stage.world.spec(line.about).name;
  out += " at " + std::to_string(line.generation.value) + "/" + std::to_string(line.incarnation.value);
  if (!line.text.empty()) out += " (" + line.text + ")";
  return out;
}

std::vector<std::string> Trace::window(const Stage& stage, World::Index reader, World::Index subject) const {
  std::vector<std::string> out;
  for (auto line = lines_.rbegin(); line != lines_.rend() && out.size() < kWindow; ++line) {
    const bool done_to_them = line->is_action && (line->node == reader || line->node == subject);
    const bool by_reader = !line->is_action && line->node == reader && line->about == subject;
    const bool by_subject = !line->is_action && line->node == subject && line->about == subject;
    if (done_to_them || by_reader || by_subject) out.push_back(format(stage, *line));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace quorumor::sim
