#include "node/agent/metrics.h"

#include "membership/precedence.h"
#include "node/agent/expiry_watch.h"

namespace quorumor {
namespace {

template <class From>
struct CounterRow {
  const char* name;
  std::uint64_t From::*member;
  const char* help;
};

constexpr CounterRow<Counters> kCounters[] = {
    {"datagrams_in", &Counters::datagrams_in, "Datagrams received."},
    {"datagrams_out", &Counters::datagrams_out, "Datagrams sent."},
    {"bytes_in", &Counters::bytes_in, "Bytes of datagrams received."},
    {"bytes_out", &Counters::bytes_out, "Bytes of datagrams sent."},
    {"gossip_bytes_out", &Counters::gossip_bytes_out, "Bytes of datagrams that carried gossip alone."},
    {"introductions_in", &Counters::introductions_in, "Introductions received."},
    {"introductions_out", &Counters::introductions_out, "Introductions sent."},
    {"rumors_known", &Counters::rumors_known, "Rumors that changed nothing."},
    {"rumors_accepted", &Counters::rumors_accepted, "Rumors that were news."},
    {"rumors_bad_signature", &Counters::rumors_bad_signature, "Rumors with a wrong signature."},
    {"rumors_orphaned", &Counters::rumors_orphaned, "Rumors that depend on something missing."},
    {"rumors_lapsed", &Counters::rumors_lapsed, "Rumors that waited in vain for what they depend on."},
    {"rumors_refused", &Counters::rumors_refused, "Rumors not entitled, malformed or over a limit."},
    {"events_sent", &Counters::events_sent, "User events of this node's own application."},
    {"events_delivered", &Counters::events_delivered, "User events told to the application, own ones included."},
    {"events_out_of_time", &Counters::events_out_of_time, "User events past their TTL, or ahead of this clock."},
    {"events_too_old", &Counters::events_too_old, "User events from before this node knew their origin."},
    {"events_over_quota", &Counters::events_over_quota, "User events beyond what an origin may have."},
    {"events_wanted", &Counters::events_wanted, "Questions for user events that were missed."},
    {"events_recovered", &Counters::events_recovered, "User events delivered after they had been asked for."},
    {"announcements_accepted", &Counters::announcements_accepted, "Announcements of epochs and retirements taken."},
    {"keys_requested", &Counters::keys_requested, "Epoch keys that this node asked for."},
    {"keys_taken", &Counters::keys_taken, "Epoch keys that this node was given."},
    {"keys_given", &Counters::keys_given, "Epoch keys that this node gave."},
    {"keys_refused", &Counters::keys_refused, "Requests for epoch keys that were refused."},
    {"rotations", &Counters::rotations, "Epochs that this node began."},
    {"retirements", &Counters::retirements, "Retirements that this node announced."},
    {"epochs_retired", &Counters::epochs_retired, "Retirements that this node obeyed."},
    {"epochs_wiped", &Counters::epochs_wiped, "Epoch keys wiped after their retirement."},
    {"conflicts", &Counters::conflicts, "Two claims of one member at one coordinate."},
    {"signature_checks", &Counters::signature_checks, "Signatures verified."},
    {"probes", &Counters::probes, "Members probed."},
    {"probes_failed", &Counters::probes_failed, "Probes that nobody answered."},
    {"hints_in", &Counters::hints_in, "Hints that others gave this observer."},
    {"hints_out", &Counters::hints_out, "Hints given to observers."},
    {"verifications", &Counters::verifications, "Looks taken because of a hint or an accusation."},
    {"accusations_signed", &Counters::accusations_signed, "Accusations signed; a batch counts once."},
    {"last_looks", &Counters::last_looks, "Last looks at accused members."},
    {"wants_for_accusations", &Counters::wants_for_accusations, "Questions for accusations that did not arrive."},
    {"nacks_sent", &Counters::nacks_sent, "Relayed pings reported as not answered."},
    {"frames_of_evicted", &Counters::frames_of_evicted, "Frames of evicted members: refused."},
    {"verdicts_over_limit", &Counters::verdicts_over_limit,
     "Revocations and force-leaves that found no room."},
    {"gaps", &Counters::gaps, "Times that this process stood still for longer than a probe timeout."},
    {"refutations", &Counters::refutations, "Suspicions of itself that this node refuted."},
    {"streams_in", &Counters::streams_in, "Streams that peers opened."},
    {"streams_out", &Counters::streams_out, "Streams that this node opened."},
    {"streams_refused", &Counters::streams_refused, "Streams whose peer was refused."},
    {"syncs", &Counters::syncs, "Full exchanges of member lists."},
};

constexpr CounterRow<DriverCounters> kDriverCounters[] = {
    {"driver_datagrams_unsent", &DriverCounters::datagrams_unsent, "Datagrams that the system did not take."},
    {"driver_streams_accepted", &DriverCounters::streams_accepted, "TCP connections accepted."},
    {"driver_streams_refused", &DriverCounters::streams_refused, "TCP connections closed at once, over a cap."},
    {"driver_streams_undialled", &DriverCounters::streams_undialled, "Streams not opened, over a cap."},
    {"driver_accept_failures", &DriverCounters::accept_failures, "TCP connections that could not be accepted."},
    {"driver_write_failures", &DriverCounters::write_failures, "Files that could not be written."},
};

// One family after another; a family's help and type once, before its series.
class Text {
 public:
  void counter(const std::string& name, const char* help) { family(name + "_total", help, "counter"); }
  void gauge(const std::string& name, const char* help) { family(name, help, "gauge"); }
  void value(std::uint64_t value) { out_ += name_ + " " + std::to_string(value) + "\n"; }
  void labelled(const char* label, const char* word, std::uint64_t value) {
    out_ += name_ + "{" + label + "=\"" + word + "\"} " + std::to_string(value) + "\n";
  }
  void single(const std::string& name, const char* help, std::uint64_t number) {
    gauge(name, help);
    value(number);
  }
  std::string finish() && {
    out_.pop_back();
    return std::move(out_);
  }

 private:
  void family(const std::string& name, const char* help, const char* type) {
    name_ = "quorumor_" + name;
    out_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
  }
  std::string name_, out_;
};

template <class From, std::size_t N>
void add_counters(Text& out, const CounterRow<From> (&rows)[N], const From& from) {
  for (const CounterRow<From>& row : rows) {
    out.counter(row.name, row.help);
    out.value(from.*row.member);
  }
}

void add_arrays(Text& out, const Counters& c) {
  out.counter("dropped", "Datagrams dropped, by reason.");
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    out.labelled("reason", to_string(static_cast<DropReason>(i)), c.dropped[i]);
  }
  out.counter("announcements_refused", "Announcements of epochs not taken, by reason.");
  for (std::size_t i = 0; i < kAnnouncementRefusals; ++i) {
    out.labelled("reason", to_string(static_cast<AnnouncementRefusal>(i)), c.announcements_refused[i]);
  }
  out.counter("messages_in", "Messages received, by kind.");
  for (std::size_t i = 0; i < kMessageKinds; ++i) out.labelled("kind", message_name(i), c.messages_in[i]);
  out.counter("messages_out", "Messages sent, by kind.");
  for (std::size_t i = 0; i < kMessageKinds; ++i) out.labelled("kind", message_name(i), c.messages_out[i]);
}

}  // namespace

std::string metrics_text(const StatusView& view) {
  Text out;
  add_counters(out, kCounters, view.stats.counters);
  add_arrays(out, view.stats.counters);
  add_counters(out, kDriverCounters, view.driver);
  out.gauge("members", "Members by state, this node included.");
  for (std::size_t i = 1; i < view.stats.by_state.size(); ++i) {  // all but unknown
    out.labelled("state", to_string(static_cast<MemberState>(i)), view.stats.by_state[i]);
  }
  out.single("joined", "1 once this node is in a cluster.", view.stats.joined ? 1 : 0);
  out.single("health", "Local health: 0 healthy, up to 7.", static_cast<std::uint64_t>(view.stats.health));
  out.single("epoch", "The newest epoch whose key is held; 0: none.", view.stats.epoch.value);
  out.single("queued_rumors", "Rumors that wait to be passed on.", view.stats.queued_rumors);
  out.single("streams_open", "Streams open now.", view.open_streams);
  out.single("observers", "How many members watch one subject.", view.stats.quorum.observers);
  out.single("observers_needed", "How many of them must agree.", view.stats.quorum.threshold);
  out.single("liars_tolerated", "How many liars among the members that survives.", view.stats.quorum.tolerated);
  out.single("quorum", "0: too few observers are left to declare anybody dead.", view.stats.quorum.quorum ? 1 : 0);
  out.single("ring_epochs", "Live epochs in the ring.", view.stats.ring_live);
  out.single("ring_keys", "Those whose key is held.", view.stats.ring_keys);
  out.single("ring_retired", "Retired epochs, still readable until they are wiped.", view.stats.ring_retired);
  out.single("retired_floor", "Everything up to this epoch is retired.", view.stats.retired_floor.value);
  out.single("retirement_pending", "1 while a retirement is announced and its conditions are not met here.",
             view.retirement_pending ? 1 : 0);
  out.single("revocations", "Revocations held.", view.stats.revocations);
  out.single("force_leaves", "Forced leaves held.", view.stats.force_leaves);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(view.uptime).count();
  out.single("uptime_seconds", "Since the agent was started.", static_cast<std::uint64_t>(seconds));
  const std::int64_t expiry = unix_seconds(view.not_after);
  out.single("credential_expiry_seconds", "When this node's credential expires, Unix time.",
             static_cast<std::uint64_t>(expiry < 0 ? 0 : expiry));
  out.single("credential_warning", "0; 1 in its last 30 days, 2 in the last 7, 3 on the last, 4 once expired.",
             static_cast<std::uint64_t>(expiry_stage(view.not_after, view.now)));
  return std::move(out).finish();
}

}  // namespace quorumor
