#include "sim/scenario/figures.h"

#include <algorithm>
#include <array>

namespace quorumor::sim {
namespace {

constexpr Figure kFigures[] = {
    // What should not happen.
    {"false_deaths", "", false,
     "a reader held a running, unpaused, honest member for dead: each time that one did (not an earlier process of "
     "its, which is gone)"},
    {"false_positives", "", false,
     "Lifeguard's FP: failure events (dead) about members that no fault had touched, at any honest member"},
    {"false_positives_healthy", "", false, "FP-: those of them at members that no fault had touched either"},
    {"bystander_deaths", "", false,
     "false deaths of members that no fault was aimed at (of a link's ends: the fewer), at any honest member"},
    {"bystander_deaths_between", "", false, "those of them at members that no fault was aimed at either"},
    {"suspicions", "", false, "a reader began to suspect a running, unpaused, honest member: each time that one did"},
    {"suspect_share", "", false,
     "of the time of all ordered pairs of honest running members, the part spent not Alive; looked at once a second"},
    {"flaps", "", false, "changes of a member's state at a reader beyond the first of each pair"},
    {"violations", "", false, "broken promises that the checkers found"},
    // Detection; one sample a crash.
    {"first_suspicion_s", "s", true, "crash to the first reader that suspects"},
    {"first_detection_s", "s", true, "crash to the first reader that holds it for dead"},
    {"full_detection_s", "s", true, "crash to every honest running reader holding it for dead"},
    {"dissemination_s", "s", true, "from the first reader that holds a crashed member for dead to the last"},
    {"undetected", "", false,
     "crashed members that some honest running reader did not hold for dead when time was over"},
    {"failed_probe_periods", "periods", true,
     "the number of the period, from the crash on, in which somebody's cycle first probes it"},
    // News of living members.
    {"event_delivery_s", "s", true, "broadcast of a user event to its delivery at the last honest running member"},
    {"event_first_half_s", "s", true,
     "broadcast of a user event to its delivery at half of the honest running members"},
    {"event_missed_share", "", false, "of all deliveries that were due, the part that did not come"},
    // Joining.
    {"join_all_s", "s", false,
     "first start to every running member being Alive everywhere; -1: it did not come to that"},
    {"join_s", "s", true, "start of a member to every running honest member holding it for Alive; one sample a start"},
    {"sizes_seen", "", false,
     "distinct cluster sizes (live members in a reader's view) that readers saw since the first start"},
    {"settle_s", "s", false, "end of the faults to the state that liveness demands; -1: it did not come to that"},
    // Load, a running member and second of the measured time.
    {"messages_sent", "messages/s", false, "datagrams sent a member and second"},
    {"messages_received", "messages/s", false, "datagrams that arrived a member and second"},
    {"bytes_sent", "bytes/s", false, "bytes of datagrams sent a member and second"},
    {"messages_sent_period", "messages", false, "datagrams sent a member and probe period (SWIM's unit)"},
    {"signature_checks", "1/s", false, "signatures that a member verified a second"},
    {"messages_worst", "messages/s", false, "datagrams sent by the busiest honest member, a second"},
    // Partners and isolation.
    {"byzantine_partners", "", true,
     "of what an honest member sent unasked (probes, relay requests, gossip), the part to liars; a sample a member"},
    {"isolated", "", false, "honest running members that hold no other honest one for Alive at the end"},
    {"removed_all_s", "s", false,
     "beginning to every member that a fault was aimed at being dead at every other; -1: it did not come to that"},
    // The instrument and the cost.
    {"adversary_acts", "", false, "how often adversaries did something"},
    {"adversary_successes", "", false, "acts that gave an adversary what the threat model denies it"},
    {"cpu_us_member_s", "us", false, "processor time a member and virtual second, the simulator's share included"},
    {"memory_member_bytes", "bytes", false, "the largest memory of one member that its bounded containers account for"},
    {"node_seconds_cpu_s", "", false, "members times virtual seconds a second of processor time"},
};

constexpr std::array<std::string_view, 6> kSuffixes = {".p50", ".p90", ".p99", ".max", ".mean", ".count"};

}  // namespace

std::span<const Figure> figures() noexcept { return kFigures; }

bool is_figure(std::string_view name) noexcept {
  return std::any_of(std::begin(kFigures), std::end(kFigures), [&](const Figure& f) {
    if (!f.distribution) return name == f.name;
    return name.substr(0, f.name.size()) == f.name &&
           std::find(kSuffixes.begin(), kSuffixes.end(), name.substr(f.name.size())) != kSuffixes.end();
  });
}

}  // namespace quorumor::sim
