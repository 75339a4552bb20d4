#include "node/agent/admin_json.h"

#include "membership/precedence.h"
#include "node/agent/address.h"
#include "node/agent/expiry_watch.h"
#include "node/agent/json_body.h"
#include "node/agent/json_values.h"
#include "wire/frame.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>

namespace quorumor {

namespace json = boost::json;

namespace {

constexpr std::array<const char*, kMessageKinds> kMessageNames = {
    "ping", "ack", "nack", "relay", "relayed", "hint", "want", "epoch_key_request", "epoch_key"};

json::string text(std::string_view from) { return json_text(from); }
json::string u64(std::uint64_t value) { return json_u64(value); }

json::array endpoints_json(const std::vector<Endpoint>& endpoints) {
  json::array out;
  for (const Endpoint& e : endpoints) out.push_back(text(e.to_string()));
  return out;
}

json::object messages_json(const std::array<std::uint64_t, kMessageKinds>& counts) {
  json::object out;
  for (std::size_t i = 0; i < kMessageKinds; ++i) out[kMessageNames[i]] = u64(counts[i]);
  return out;
}

json::object counters_json(const Counters& c) {
  json::object dropped;
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    dropped[to_string(static_cast<DropReason>(i))] = u64(c.dropped[i]);
  }
  json::object out;
  out["datagrams_in"] = u64(c.datagrams_in);
  out["datagrams_out"] = u64(c.datagrams_out);
  out["bytes_in"] = u64(c.bytes_in);
  out["bytes_out"] = u64(c.bytes_out);
  out["gossip_bytes_out"] = u64(c.gossip_bytes_out);
  out["dropped"] = std::move(dropped);
  out["messages_in"] = messages_json(c.messages_in);
  out["messages_out"] = messages_json(c.messages_out);
  out["introductions_in"] = u64(c.introductions_in);
  out["introductions_out"] = u64(c.introductions_out);
  out["rumors_known"] = u64(c.rumors_known);
  out["rumors_accepted"] = u64(c.rumors_accepted);
  out["rumors_bad_signature"] = u64(c.rumors_bad_signature);
  out["rumors_orphaned"] = u64(c.rumors_orphaned);
  out["rumors_lapsed"] = u64(c.rumors_lapsed);
  out["rumors_refused"] = u64(c.rumors_refused);
  out["conflicts"] = u64(c.conflicts);
  out["signature_checks"] = u64(c.signature_checks);
  out["announcements_accepted"] = u64(c.announcements_accepted);
  json::object announcements_refused;
  for (std::size_t i = 0; i < kAnnouncementRefusals; ++i) {
    announcements_refused[to_string(static_cast<AnnouncementRefusal>(i))] = u64(c.announcements_refused[i]);
  }
  out["announcements_refused"] = std::move(announcements_refused);
  out["keys_requested"] = u64(c.keys_requested);
  out["keys_taken"] = u64(c.keys_taken);
  out["keys_given"] = u64(c.keys_given);
  out["keys_refused"] = u64(c.keys_refused);
  out["rotations"] = u64(c.rotations);
  out["retirements"] = u64(c.retirements);
  out["epochs_retired"] = u64(c.epochs_retired);
  out["epochs_wiped"] = u64(c.epochs_wiped);
  out["probes"] = u64(c.probes);
  out["probes_failed"] = u64(c.probes_failed);
  out["hints_in"] = u64(c.hints_in);
  out["hints_out"] = u64(c.hints_out);
  out["verifications"] = u64(c.verifications);
  out["accusations_signed"] = u64(c.accusations_signed);
  out["last_looks"] = u64(c.last_looks);
  out["wants_for_accusations"] = u64(c.wants_for_accusations);
  out["nacks_sent"] = u64(c.nacks_sent);
  out["frames_of_evicted"] = u64(c.frames_of_evicted);
  out["verdicts_over_limit"] = u64(c.verdicts_over_limit);
  out["gaps"] = u64(c.gaps);
  out["refutations"] = u64(c.refutations);
  out["streams_in"] = u64(c.streams_in);
  out["streams_out"] = u64(c.streams_out);
  out["streams_refused"] = u64(c.streams_refused);
  out["syncs"] = u64(c.syncs);
  out["events_sent"] = u64(c.events_sent);
  out["events_delivered"] = u64(c.events_delivered);
  out["events_out_of_time"] = u64(c.events_out_of_time);
  out["events_too_old"] = u64(c.events_too_old);
  out["events_over_quota"] = u64(c.events_over_quota);
  out["events_wanted"] = u64(c.events_wanted);
  out["events_recovered"] = u64(c.events_recovered);
  return out;
}

json::object driver_json(const DriverCounters& c, std::size_t open_streams) {
  json::object out;
  out["datagrams_unsent"] = u64(c.datagrams_unsent);
  out["streams_open"] = open_streams;
  out["streams_accepted"] = u64(c.streams_accepted);
  out["streams_refused"] = u64(c.streams_refused);
  out["streams_undialled"] = u64(c.streams_undialled);
  out["accept_failures"] = u64(c.accept_failures);
  out["write_failures"] = u64(c.write_failures);
  return out;
}

json::object states_json(const Stats& stats) {
  json::object out;
  for (std::size_t i = 1; i < stats.by_state.size(); ++i) {  // all but unknown
    out[to_string(static_cast<MemberState>(i))] = stats.by_state[i];
  }
  return out;
}

json::object observers_json(const QuorumView& quorum) {
  json::object out;
  out["n"] = quorum.basis;
  out["m"] = quorum.observers;
  out["k"] = quorum.threshold;
  out["tolerated"] = quorum.tolerated;
  out["quorum"] = quorum.quorum;
  return out;
}

json::object credential_json(WallTime not_after, WallTime now) {
  const std::int64_t left = unix_seconds(not_after) - unix_seconds(now);
  constexpr std::int64_t kDay = 86'400;
  json::object out;
  out["not_after"] = text(rfc3339(not_after));
  out["warning"] = to_string(expiry_stage(not_after, now));
  out["days_left"] = left >= 0 ? left / kDay : -((kDay - 1 - left) / kDay);  // whole days, rounded down
  return out;
}

}  // namespace

std::string rfc3339(WallTime time) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> at{time.time_since_epoch()};
  const auto date_part = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{date_part};
  const std::chrono::hh_mm_ss<std::chrono::milliseconds> clock{at - date_part};
  char out[48];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return out;
}

const char* message_name(std::size_t kind) noexcept { return kMessageNames[kind]; }

const char* refusal_name(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::not_our_cluster:
      return "not_our_cluster";
    case Refusal::expired:
      return "expired";
    case Refusal::revoked:
      return "revoked";
    case Refusal::unknown_version:
      return "unknown_version";
    case Refusal::busy:
      return "busy";
    case Refusal::bad_proof:
      return "bad_proof";
    case Refusal::not_yet_valid:
      return "not_yet_valid";
    case Refusal::no_ring:
      return "no_ring";
    case Refusal::malformed:
      return "malformed";
  }
  return "unknown";
}

std::string error_json(std::string_view message) {
  json::object out;
  out["error"] = text(message);
  return json::serialize(out);
}

void MembersJson::add(const MemberView& member) {
  if (member.state == MemberState::unknown) return;
  json::object out;
  out["id"] = text(to_hex(member.id));
  out["name"] = text(member.name);
  out["state"] = to_string(member.state);
  out["generation"] = u64(member.at.generation.value);
  out["incarnation"] = u64(member.at.incarnation.value);
  out["endpoints"] = member.endpoints == nullptr ? json::array{} : endpoints_json(*member.endpoints);
  out["zone"] = text(member.zone);
  out["self"] = member.self;
  out["since_ms"] = to_ms(now_ - member.since);
  out["phi"] = json_hundredths(member.phi);
  out["round_trip_us"] = member.round_trip ? json::value(to_us(*member.round_trip)) : json::value(nullptr);
  if (out_.size() > 1) out_ += ',';
  out_ += json::serialize(out);
}

std::string MembersJson::finish() && {
  out_ += ']';
  return std::move(out_);
}

std::string status_json(const StatusView& view) {
  const Stats& stats = view.stats;
  json::object out;
  out["cluster"] = text(to_hex(view.cluster));
  out["label"] = text(view.label);
  out["id"] = text(to_hex(view.id));
  out["name"] = text(view.name);
  out["zone"] = text(view.zone);
  out["epoch"] = u64(stats.epoch.value);
  out["generation"] = u64(stats.generation.value);
  out["incarnation"] = u64(stats.incarnation.value);
  out["joined"] = stats.joined;
  out["health"] = stats.health;
  out["counts"] = states_json(stats);
  out["observers"] = observers_json(stats.quorum);
  out["counters"] = counters_json(stats.counters);
  out["driver"] = driver_json(view.driver, view.open_streams);
  out["queued_rumors"] = stats.queued_rumors;
  out["listening"] = endpoints_json(view.listening);
  out["advertised"] = endpoints_json(view.advertised);
  out["version"] = text(view.version);
  out["pid"] = view.pid;
  out["uptime_ms"] = to_ms(view.uptime);
  out["credential"] = credential_json(view.not_after, view.now);
  out["serial"] = u64(stats.serial.value);
  out["revocations"] = stats.revocations;
  out["force_leaves"] = stats.force_leaves;
  json::array standbys;
  for (const PublicKey& key : view.standbys) standbys.push_back(text(to_hex(key)));
  out["standby_authorities"] = std::move(standbys);
  return json::serialize(out);
}

std::string credential_text(const Credential& credential, WallTime now) {
  json::object out;
  out["serial"] = u64(credential.serial.value);
  out["zone"] = text(credential.zone);
  out["roles"] = json::array(credential.roles.begin(), credential.roles.end());
  out["credential"] = credential_json(credential.not_after, now);
  return json::serialize(out);
}

Fallible<std::vector<std::string>> parse_join(std::string_view body) {
  BOOST_OUTCOME_TRY(const json::object object, parse_object(body));
  for (const auto& entry : object) {
    if (entry.key() != "endpoints") return misuse("unknown key in the body; only \"endpoints\" is known");
  }
  const json::value* list = object.if_contains("endpoints");
  if (list == nullptr || !list->is_array()) return misuse("\"endpoints\" must be an array of \"HOST:PORT\"");
  const json::array& items = list->get_array();
  if (items.empty() || items.size() > kJoinEndpointsMax) {
    return misuse("\"endpoints\" must hold 1 to " + std::to_string(kJoinEndpointsMax) + " addresses");
  }
  std::vector<std::string> out;
  for (const json::value& item : items) {
    if (!item.is_string()) return misuse("\"endpoints\" must be an array of \"HOST:PORT\"");
    const json::string& given = item.get_string();
    BOOST_OUTCOME_TRY(auto address, complete_address(std::string(given.data(), given.size()), "endpoint"));
    out.push_back(std::move(address));
  }
  return out;
}

Fallible<void> parse_empty(std::string_view body) {
  if (body.empty()) return success();
  BOOST_OUTCOME_TRY(const json::object object, parse_object(body));
  if (!object.empty()) return misuse("this request takes no body");
  return success();
}

}  // namespace quorumor
