#include "node/agent/address.h"
#include "node/agent/event_json.h"
#include "node/cli/admin_client.h"
#include "node/cli/admin_views.h"
#include "node/cli/answer.h"
#include "node/cli/commands.h"
#include "node/cli/number_option.h"
#include "node/cli/path_option.h"
#include "node/cli/why_view.h"
#include "node/driver/file.h"

#include "base/names.h"
#include "wire/limits.h"

#include <boost/json/serialize.hpp>

#include <cstdio>
#include <memory>
#include <vector>

namespace quorumor {
namespace {

namespace json = boost::json;

constexpr std::size_t kPayloadRead = 64 * 1024;    // bytes of standard input: enough to say how far over the limit
constexpr std::chrono::seconds kLeavePatience{15};  // the agent's own deadline is 5 s, with slack

struct Options {
  std::string dir, state, name, payload;
  double ttl = 60;  // seconds
  std::vector<std::string> endpoints;
  std::uint64_t count = 0;
  std::optional<std::uint64_t> since;
  bool json = false;
};
using Shared = std::shared_ptr<Options>;

// False: standard output takes no more. Flushed line by line, since the reader may be a pipe that waits for it.
bool print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && written;
}

Fallible<int> print_all(const std::string& text) {
  if (!print(text)) return fail("cannot write to standard output");
  return 0;
}

Fallible<int> members(const Options& o) {
  BOOST_OUTCOME_TRY(const auto body, ask_agent(o.dir, "GET", "/v1/members"));
  BOOST_OUTCOME_TRY(const auto all, parse_members(body));
  MemberFilter filter;
  if (!o.state.empty()) filter.state = o.state;
  if (!o.name.empty()) filter.name = o.name;
  const json::array shown = filter_members(all, filter);
  return print_all(o.json ? json::serialize(shown) + "\n" : members_text(shown));
}

Fallible<int> status(const Options& o) {
  BOOST_OUTCOME_TRY(const auto body, ask_agent(o.dir, "GET", "/v1/status"));
  BOOST_OUTCOME_TRY(const auto object, parse_status(body));
  return print_all(o.json ? json::serialize(object) + "\n" : status_text(object));
}

Fallible<int> why(const Options& o) {
  if (!is_valid_name(o.name)) {
    return misuse("'" + o.name + "' is no member's name; 1 to 64 characters of a-z, 0-9, '.', '_' and '-'");
  }
  BOOST_OUTCOME_TRY(const auto body, ask_agent(o.dir, "GET", "/v1/why?name=" + o.name));
  BOOST_OUTCOME_TRY(const auto object, parse_status(body));
  return print_all(o.json ? json::serialize(object) + "\n" : why_text(object));
}

Fallible<int> metrics(const Options& o) {
  BOOST_OUTCOME_TRY(std::string body, ask_agent(o.dir, "GET", "/v1/metrics"));
  if (body.empty() || body.back() != '\n') body += '\n';
  return print_all(body);
}

Fallible<int> events(const Options& o) {
  BOOST_OUTCOME_TRY(auto client, AdminClient::connect(o.dir));
  BOOST_OUTCOME_TRYV(client.follow("/v1/events" + (o.since ? "?since=" + std::to_string(*o.since) : "")));
  for (std::uint64_t seen = 0; o.count == 0 || seen < o.count; ++seen) {
    BOOST_OUTCOME_TRY(const auto line, client.next_line());
    if (!line) return fail("the agent of " + o.dir + " has ended");
    const EventView event = view_event(*line);
    if (!event.error.empty()) return fail(event.error);
    if (!print((o.json ? *line : event.text) + "\n")) return 0;  // `events | head`: the reader has enough
  }
  return 0;
}

Fallible<int> join(const Options& o) {
  json::array endpoints;
  for (const std::string& given : o.endpoints) {
    BOOST_OUTCOME_TRY(const auto address, complete_address(given, "address"));
    endpoints.emplace_back(address);
  }
  json::object body;
  body["endpoints"] = std::move(endpoints);
  BOOST_OUTCOME_TRYV(ask_agent(o.dir, "POST", "/v1/join", json::serialize(body)));
  json::object out;
  out["accepted"] = true;
  return print_answer(o.json,
                      "The agent tries to join by " + std::to_string(o.endpoints.size()) +
                          (o.endpoints.size() == 1 ? " address" : " addresses") +
                          ". See how it goes:\n  quorumor status --dir " + shell_word(o.dir) +
                          "\n  quorumor events --since 0 --dir " + shell_word(o.dir) + "\n",
                      out);
}

// What is given, or what standard input has; of the latter never much more than an event can carry.
Fallible<std::string> read_payload(const std::string& given) {
  if (given != "-") return given;
  std::string out(kPayloadRead, '\0');
  out.resize(std::fread(out.data(), 1, out.size(), stdin));
  if (std::ferror(stdin) != 0) return fail("cannot read the payload from standard input");
  return out;
}

Fallible<int> event(const Options& o) {
  if (!is_valid_name(o.name)) {
    return misuse("'" + o.name + "' is no event name; 1 to 64 characters of a-z, 0-9, '.', '_' and '-'");
  }
  if (!(o.ttl >= 0.001 && o.ttl <= 3600.0)) return misuse("--ttl must be 0.001 to 3600 seconds");  // nan is neither
  BOOST_OUTCOME_TRY(const std::string payload, read_payload(o.payload));
  if (payload.size() > limits::kEventPayload) {
    const std::string least = payload.size() == kPayloadRead ? "at least " : "";
    return misuse("the payload has " + least + std::to_string(payload.size()) + " bytes; an event carries at most " +
                  std::to_string(limits::kEventPayload) + ": send a reference to more");
  }
  EventOrder order;
  order.name = o.name;
  order.payload = to_vector(as_bytes(payload));
  order.ttl = std::chrono::milliseconds{static_cast<std::int64_t>(o.ttl * 1000)};
  BOOST_OUTCOME_TRYV(ask_agent(o.dir, "POST", "/v1/event", event_order_json(order)));
  json::object out;
  out["accepted"] = true;
  return print_answer(o.json, "Sent: every member that is reached within the TTL gets it once.\n", out);
}

// Follows the events first, so that the leave's end cannot be missed; the stream ends when the agent has given its
// directory back, so that another can be started the moment this command returns.
Fallible<int> leave(const Options& o) {
  BOOST_OUTCOME_TRY(auto client, AdminClient::connect(o.dir));
  BOOST_OUTCOME_TRYV(client.follow("/v1/events"));
  BOOST_OUTCOME_TRYV(ask_agent(o.dir, "POST", "/v1/leave"));
  bool told = false;
  for (;;) {
    BOOST_OUTCOME_TRY(const auto line, client.next_line(kLeavePatience));
    if (!line) break;
    told = told || view_event(*line).kind == "leave_done";
  }
  json::object out;
  out["left"] = told;
  return print_answer(o.json,
                      told ? "Left the cluster; the agent has ended.\n"
                           : "The agent has ended, but could not tell the others in time: they will see a failure.\n",
                      out);
}

template <class Run>
Shared add_command(CLI::App& app, Chosen& chosen, const char* name, const char* help, Run run) {
  auto* command = app.add_subcommand(name, help);
  auto o = std::make_shared<Options>();
  add_path(command, "--dir", o->dir, "The node's directory, whose agent is asked")->required();
  command->add_flag("--json", o->json, "Answer in JSON");
  command->callback([o, &chosen, run] {
    chosen = [o, run] {
      const Fallible<int> done = run(*o);
      return done ? done.value() : report(done.error());
    };
  });
  return o;
}

}  // namespace

void add_client_commands(CLI::App& app, Chosen& chosen) {
  auto o = add_command(app, chosen, "members", "Who is in the cluster, as this node sees it", members);
  auto* c = app.get_subcommand("members");
  c->add_option("--state", o->state, "Only members in this state")
      ->check(CLI::IsMember({"alive", "suspect", "unreachable", "dead", "left", "evicted"}));
  c->add_option("--name", o->name, "Only names that match this pattern: * ? [a-z]");

  add_command(app, chosen, "status", "How this node does", status);

  o = add_command(app, chosen, "why", "How a member came to its state at this node, and what is missing", why);
  app.get_subcommand("why")->add_option("NAME", o->name, "A member's name, or its id")->required();

  add_command(app, chosen, "metrics", "Counters and gauges as text for Prometheus", metrics);
  auto* m = app.get_subcommand("metrics");
  m->remove_option(m->get_option("--json"));  // it has a format of its own

  o = add_command(app, chosen, "events", "Changes as they happen, until Ctrl-C", events);
  c = app.get_subcommand("events");
  c->add_option("--count", o->count, "End after so many")->check(whole_number());
  c->add_option("--since", o->since, "Begin after this sequence number (0: all that the agent remembers)");

  o = add_command(app, chosen, "event", "Send an event to every member's application", event);
  c = app.get_subcommand("event");
  c->add_option("NAME", o->name, "1 to 64 characters of a-z, 0-9, '.', '_' and '-'")->required();
  c->add_option("PAYLOAD", o->payload, "At most 512 bytes; '-' reads standard input; none if left out");
  c->add_option("--ttl", o->ttl, "For how many seconds it may still be told (0.001 to 3600)")
      ->capture_default_str();
  c->footer("Members see it with `quorumor events`. What begins with '-' goes behind '--':\n"
            "  quorumor event --dir n1 -- deploy --force");

  o = add_command(app, chosen, "join", "Join by these members too", join);
  c = app.get_subcommand("join");
  c->add_option("HOST:PORT", o->endpoints, "Where members listen")->required();

  add_command(app, chosen, "leave", "Leave the cluster, then end the agent", leave);
}

}  // namespace quorumor
