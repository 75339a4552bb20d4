#include "sim/measure/measures.h"

#include "sim/measure/parts.h"

namespace quorumor::sim {

std::vector<std::unique_ptr<Measure>> measures(const Stage&) {
  std::vector<std::unique_ptr<Measure>> out;
  out.push_back(states_measure());
  out.push_back(load_measure());
  out.push_back(detection_measure());
  out.push_back(events_measure());
  out.push_back(joins_measure());
  out.push_back(partners_measure());
  out.push_back(costs_measure());
  return out;
}

}  // namespace quorumor::sim
