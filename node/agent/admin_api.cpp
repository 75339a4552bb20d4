#include "node/agent/admin_api.h"

#include "node/agent/admin_json.h"
#include "node/agent/keys_json.h"
#include "node/agent/metrics.h"
#include "node/agent/orders_json.h"

#include "base/names.h"

#include <charconv>

namespace quorumor {
namespace {

constexpr std::string_view kAccepted = R"({"accepted":true})";

struct Context {
  AdminHandler& handler;
  const EventRing& events;
  std::string_view query;
  std::string_view body;
};

AdminAnswer refused(const Failure& why) { return admin_error(why.usage ? 400 : 409, why.message); }

AdminAnswer members(const Context& c) { return {200, c.handler.members(), {}, {}}; }
AdminAnswer status(const Context& c) { return {200, c.handler.status(), {}, {}}; }
AdminAnswer metrics(const Context& c) { return {200, c.handler.metrics(), {}, {}, kMetricsContentType}; }

AdminAnswer follow_events(const Context& c) {
  AdminAnswer out;
  if (c.query.empty()) {
    out.follow = c.events.newest() + 1;
    return out;
  }
  constexpr std::string_view kSince = "since=";
  const std::string_view digits = c.query.substr(c.query.substr(0, kSince.size()) == kSince ? kSince.size() : 0);
  std::uint64_t since = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), since);
  if (digits.size() == c.query.size() || error != std::errc{} || end != digits.data() + digits.size()) {
    return admin_error(400, "the only query is ?since=N, N the sequence number that was seen last");
  }
  out.follow = c.events.next_after(since);
  return out;
}

// Names need no escapes in a URL: what has any is no name.
AdminAnswer why(const Context& c) {
  constexpr std::string_view kName = "name=";
  const bool is_name = c.query.substr(0, kName.size()) == kName && is_valid_name(c.query.substr(kName.size()));
  if (!is_name) return admin_error(400, "the query must be ?name=NAME, NAME a member's name or id");
  auto told = c.handler.why(c.query.substr(kName.size()));
  if (!told) return admin_error(404, told.error().message);
  return {200, std::move(told).value(), {}, {}};
}

AdminAnswer join(const Context& c) {
  auto endpoints = parse_join(c.body);
  if (!endpoints) return admin_error(400, endpoints.error().message);
  c.handler.join(std::move(endpoints).value());
  return {202, std::string(kAccepted), {}, {}};
}

AdminAnswer leave(const Context& c) {
  if (const auto empty = parse_empty(c.body); !empty) return admin_error(400, empty.error().message);
  c.handler.leave();
  return {202, std::string(kAccepted), {}, {}};
}

AdminAnswer event(const Context& c) {
  const auto order = parse_event(c.body);
  if (!order) return admin_error(400, order.error().message);
  const auto sent = c.handler.broadcast(order.value());
  if (!sent) return refused(sent.error());
  return {202, std::string(kAccepted), {}, {}};
}

template <Fallible<void> (AdminHandler::*obey)(Bytes record)>
AdminAnswer order(const Context& c) {
  const auto order = parse_order(c.body);
  if (!order) return admin_error(400, order.error().message);
  // First, or the order would count for nothing. They stay whatever becomes of it: an authority signed them too.
  const auto endorsed = c.handler.endorse(order.value().endorsements);
  if (!endorsed) return refused(endorsed.error());
  const auto obeyed = (c.handler.*obey)(order.value().record);
  if (!obeyed) return refused(obeyed.error());
  return {202, std::string(kAccepted), {}, {}};
}

AdminAnswer renew(const Context& c) {
  if (const auto empty = parse_empty(c.body); !empty) return admin_error(400, empty.error().message);
  auto renewed = c.handler.renew();
  if (!renewed) return refused(renewed.error());
  return {200, std::move(renewed).value(), {}, {}};
}

AdminAnswer keys(const Context& c) { return {200, c.handler.keys(), {}, {}}; }

AdminAnswer rotate(const Context& c) {
  const auto options = parse_rotate(c.body);
  if (!options) return admin_error(400, options.error().message);
  const auto epoch = c.handler.rotate(options.value());
  if (!epoch) return refused(epoch.error());
  return {202, rotated_json(epoch.value()), {}, {}};
}

AdminAnswer retire(const Context& c) {
  const auto through = parse_retire(c.body);
  if (!through) return admin_error(400, through.error().message);
  const auto announced = c.handler.retire(through.value());
  if (!announced) return refused(announced.error());
  return {202, std::string(kAccepted), {}, {}};
}

struct Path {
  std::string_view path;
  std::string_view method;
  bool takes_query;
  AdminAnswer (*serve)(const Context&);
};
constexpr Path kPaths[] = {
    {"/v1/members", "GET", false, members},     {"/v1/status", "GET", false, status},
    {"/v1/events", "GET", true, follow_events}, {"/v1/join", "POST", false, join},
    {"/v1/leave", "POST", false, leave},        {"/v1/metrics", "GET", false, metrics},
    {"/v1/event", "POST", false, event},        {"/v1/why", "GET", true, why},
    {"/v1/renew", "POST", false, renew},        {"/v1/revoke", "POST", false, order<&AdminHandler::revoke>},
    {"/v1/keys", "GET", false, keys},           {"/v1/keys/rotate", "POST", false, rotate},
    {"/v1/keys/retire", "POST", false, retire},
    {"/v1/force-leave", "POST", false, order<&AdminHandler::force_leave>},
};

}  // namespace

AdminAnswer admin_error(unsigned status, std::string_view message) {
  AdminAnswer out;
  out.status = status;
  out.body = error_json(message);
  return out;
}

AdminAnswer answer_admin(AdminHandler& handler, const EventRing& events, const AdminRequest& request) {
  const std::size_t mark = request.target.find('?');
  const std::string_view path = request.target.substr(0, mark);
  const bool has_query = mark != std::string_view::npos;
  for (const Path& p : kPaths) {
    if (p.path != path) continue;
    if (p.method != request.method) {
      AdminAnswer out = admin_error(405, "this path takes " + std::string(p.method) + " only");
      out.allow = p.method;
      return out;
    }
    if (has_query && !p.takes_query) return admin_error(400, "this path takes no query");
    const std::string_view query = has_query ? request.target.substr(mark + 1) : std::string_view{};
    return p.serve({handler, events, query, request.body});
  }
  return admin_error(404,
                     "no such path; there are /v1/members, /v1/status, /v1/metrics, /v1/events, /v1/event, "
                     "/v1/why, /v1/keys, /v1/keys/rotate, /v1/keys/retire, /v1/join, /v1/leave, /v1/revoke, "
                     "/v1/force-leave and /v1/renew");
}

}  // namespace quorumor
