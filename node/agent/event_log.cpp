#include "node/agent/event_log.h"

#include "base/assert.h"
#include "node/agent/admin_json.h"
#include "node/agent/event_json.h"
#include "node/driver/file.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace quorumor {

namespace json = boost::json;

const char* event_name(Event::Kind kind) noexcept {
  switch (kind) {
    case Event::Kind::member_alive:
      return "alive";
    case Event::Kind::member_suspect:
      return "suspect";
    case Event::Kind::member_unreachable:
      return "unreachable";
    case Event::Kind::member_dead:
      return "dead";
    case Event::Kind::member_left:
      return "left";
    case Event::Kind::member_updated:
      return "updated";
    case Event::Kind::member_evicted:
      return "evicted";
    case Event::Kind::joined:
      return "joined";
    case Event::Kind::join_refused:
      return "join_refused";
    case Event::Kind::join_failed:
      return "join_failed";
    case Event::Kind::refuted:
      return "refuted";
    case Event::Kind::clone_alarm:
      return "clone_alarm";
    case Event::Kind::revoked:
      return "revoked";
    case Event::Kind::left:
      return "leave_done";
    case Event::Kind::user_event:
      return "user_event";
    case Event::Kind::epoch_began:
      return "epoch_began";
    case Event::Kind::epoch_retired:
      return "epoch_retired";
    case Event::Kind::authority_endorsed:
      return "authority_endorsed";
  }
  return "unknown";
}

std::string event_json(std::uint64_t sequence, WallTime at, const Event& event) {
  const bool about_member = event.id != NodeId{};
  json::object out;
  out["seq"] = std::to_string(sequence);
  out["time"] = rfc3339(at);
  out["event"] = event_name(event.kind);
  // Every key is always there, null where it does not apply: scripts need not ask which event has which.
  out["member"] = about_member ? json::value(event.name) : json::value(nullptr);
  out["id"] = about_member ? json::value(to_hex(event.id)) : json::value(nullptr);
  out["generation"] = about_member ? json::value(std::to_string(event.generation.value)) : json::value(nullptr);
  out["incarnation"] = about_member ? json::value(std::to_string(event.incarnation.value)) : json::value(nullptr);
  const bool has_endpoint = event.endpoint.family != Endpoint::Family::none;
  out["endpoint"] = has_endpoint ? json::value(event.endpoint.to_string()) : json::value(nullptr);
  std::string reason = event.reason;
  if (event.kind == Event::Kind::join_refused) reason = refusal_name(event.refusal);
  out["reason"] = reason.empty() ? json::value(nullptr) : json::value(reason);
  out["user_event"] = event.kind == Event::Kind::user_event ? user_event_json(event) : json::value(nullptr);
  return json::serialize(out);
}

std::uint64_t EventRing::add(WallTime at, const Event& event) {
  std::string line = event_json(++newest_, at, event);
  if (lines_.size() < capacity_) {
    lines_.push_back(std::move(line));
  } else {
    lines_[static_cast<std::size_t>((newest_ - 1) % capacity_)] = std::move(line);
  }
  return newest_;
}

const std::string& EventRing::line(std::uint64_t sequence) const {
  QUORUMOR_ASSERT(sequence >= oldest() && sequence <= newest_ && sequence > 0);
  return lines_[static_cast<std::size_t>((sequence - 1) % capacity_)];
}

std::uint64_t EventRing::next_after(std::uint64_t since) const noexcept {
  if (since > newest_ || since < oldest()) return oldest();
  return since + 1;
}

std::string renewal_advice(const Subject& self) {
  return "quorumor authority admit --authority DIR --name " + (self.name.empty() ? "NAME" : self.name) + " --dir " +
         shell_word(self.directory);
}

std::string describe(Refusal refusal, const Subject& self) {
  const std::string renew = renewal_advice(self);
  switch (refusal) {
    case Refusal::not_our_cluster:
      return "it is in another cluster; check the address, or have this node admitted to that cluster: " + renew;
    case Refusal::expired:
      return "credential expired; ask your authority to renew it: " + renew;
    case Refusal::revoked:
      return "credential revoked; only your authority can issue a new one: " + renew;
    case Refusal::unknown_version:
      return "no protocol version in common; run releases of quorumor on both that overlap";
    case Refusal::busy:
      return "it is busy; trying again";
    case Refusal::bad_proof:
      return "it does not accept our proof of identity; the credential in " + self.directory +
             " may be another node's; ask your authority for a new one: " + renew;
    case Refusal::not_yet_valid:
      return "credential not valid yet; check the clocks of both machines; trying again";
    case Refusal::no_ring:
      return "it has not joined a cluster itself; trying again";
    case Refusal::malformed:
      return "it did not understand us; check that the address is a quorumor agent's";
  }
  return "for an unknown reason; trying again";
}

namespace {

std::string because(const std::string& reason) { return reason.empty() ? "" : " (" + reason + ")"; }

}  // namespace

Sentence describe(const Event& event, const Subject& self) {
  const std::string member = "member " + (event.name.empty() ? to_hex(event.id) : event.name);
  const std::string why = because(event.reason);
  const std::string at = event.endpoint.to_string();
  switch (event.kind) {
    case Event::Kind::member_alive:
      return {LogLevel::info, member + " is alive" + why};
    case Event::Kind::member_suspect:
      return {LogLevel::info, member + " is suspected" + why};
    case Event::Kind::member_unreachable:
      return {LogLevel::warning, member + " is unreachable" + why};
    case Event::Kind::member_dead:
      return {LogLevel::warning, member + " is dead" + why};
    case Event::Kind::member_left:
      return {LogLevel::info, member + " has left" + why};
    case Event::Kind::member_updated:
      return {LogLevel::debug, member + " changed its details" + why};
    case Event::Kind::member_evicted:
      return {LogLevel::warning, member + " is evicted" + why};
    case Event::Kind::joined:
      return {LogLevel::info, "joined the cluster" + why};
    case Event::Kind::join_refused:
      return {LogLevel::error, "refused by " + at + ": " + describe(event.refusal, self)};
    case Event::Kind::join_failed:
      return {LogLevel::warning, "cannot reach " + at + why + "; trying again"};
    case Event::Kind::refuted:
      return {LogLevel::warning,
              "this node was suspected and answered with incarnation " + std::to_string(event.incarnation.value) + why};
    case Event::Kind::clone_alarm:
      return {LogLevel::error, "another process runs with this node's identity" + why +
                                   "; this one ends; find the copy of " + self.directory +
                                   ", or give this machine an identity of its own: quorumor node init"};
    case Event::Kind::revoked:
      return {LogLevel::error, "this node's credential is revoked" + why +
                                   "; it ends; only your authority can issue a new one: quorumor node show --dir " +
                                   self.directory + " prints the request for it"};
    case Event::Kind::left:
      return {LogLevel::info, "left the cluster" + why};
    case Event::Kind::user_event:  // its payload is the application's: it may be secret, and it is not for logs
      return {LogLevel::info, "event " + event.topic + " of " + member + " (" + std::to_string(event.payload.size()) +
                                  (event.payload.size() == 1 ? " byte)" : " bytes)")};
    case Event::Kind::epoch_began:
      return {LogLevel::info, "a new cluster key is in use" + why};
    case Event::Kind::epoch_retired:
      return {LogLevel::info, "an old cluster key is retired" + why};
    case Event::Kind::authority_endorsed:
      return {LogLevel::warning, "a standby authority may admit and revoke from now on" + why +
                                     "; if nobody of yours made it, the authority's key has leaked"};
  }
  return {LogLevel::warning, "unknown event" + why};
}

}  // namespace quorumor
