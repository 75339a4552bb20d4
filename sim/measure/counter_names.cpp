#include "sim/measure/counter_names.h"

namespace quorumor::sim {
namespace {

struct Named {
  const char* name;
  std::uint64_t Counters::*field;
};

constexpr Named kNamed[] = {
    {"datagrams_in", &Counters::datagrams_in},
    {"datagrams_out", &Counters::datagrams_out},
    {"bytes_in", &Counters::bytes_in},
    {"bytes_out", &Counters::bytes_out},
    {"gossip_bytes_out", &Counters::gossip_bytes_out},
    {"introductions_in", &Counters::introductions_in},
    {"introductions_out", &Counters::introductions_out},
    {"rumors_known", &Counters::rumors_known},
    {"rumors_accepted", &Counters::rumors_accepted},
    {"rumors_bad_signature", &Counters::rumors_bad_signature},
    {"rumors_orphaned", &Counters::rumors_orphaned},
    {"rumors_lapsed", &Counters::rumors_lapsed},
    {"rumors_refused", &Counters::rumors_refused},
    {"conflicts", &Counters::conflicts},
    {"signature_checks", &Counters::signature_checks},
    {"probes", &Counters::probes},
    {"probes_failed", &Counters::probes_failed},
    {"refutations", &Counters::refutations},
    {"hints_in", &Counters::hints_in},
    {"hints_out", &Counters::hints_out},
    {"verifications", &Counters::verifications},
    {"accusations_signed", &Counters::accusations_signed},
    {"last_looks", &Counters::last_looks},
    {"wants_for_accusations", &Counters::wants_for_accusations},
    {"nacks_sent", &Counters::nacks_sent},
    {"gaps", &Counters::gaps},
    {"streams_in", &Counters::streams_in},
    {"streams_out", &Counters::streams_out},
    {"streams_refused", &Counters::streams_refused},
    {"syncs", &Counters::syncs},
    {"events_sent", &Counters::events_sent},
    {"events_delivered", &Counters::events_delivered},
    {"events_out_of_time", &Counters::events_out_of_time},
    {"events_too_old", &Counters::events_too_old},
    {"events_over_quota", &Counters::events_over_quota},
    {"events_wanted", &Counters::events_wanted},
    {"events_recovered", &Counters::events_recovered},
};

constexpr const char* kKinds[kMessageKinds] = {"ping", "ack",  "nack", "relay", "relayed",
                                               "hint", "want", "epoch_key_request", "epoch_key"};

std::string with_underscores(const char* words) {
  std::string out = words;
  for (char& c : out) c = c == ' ' ? '_' : c;
  return out;
}

}  // namespace

void add_counters(std::map<std::string, std::uint64_t>& sums, const Counters& now, const Counters& before) {
  for (const Named& n : kNamed) sums[n.name] += now.*n.field - before.*n.field;
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    sums["dropped." + with_underscores(to_string(static_cast<DropReason>(i)))] += now.dropped[i] - before.dropped[i];
  }
  for (std::size_t i = 0; i < kMessageKinds; ++i) {
    sums[std::string("messages_in.") + kKinds[i]] += now.messages_in[i] - before.messages_in[i];
    sums[std::string("messages_out.") + kKinds[i]] += now.messages_out[i] - before.messages_out[i];
  }
}

}  // namespace quorumor::sim
