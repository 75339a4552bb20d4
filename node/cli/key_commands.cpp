#include "node/agent/orders_json.h"
#include "node/cli/admin_client.h"
#include "node/cli/answer.h"
#include "node/cli/authority_directory.h"
#include "node/cli/commands.h"
#include "node/cli/json_fields.h"
#include "node/cli/node_commands.h"
#include "node/cli/number_option.h"
#include "node/cli/rotation.h"
#include "node/cli/times.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cstdio>
#include <thread>

namespace quorumor {
namespace {

namespace json = boost::json;

struct Options {
  std::string dir, suite, beta, epsilon, defense, interval, authority, member, reason, passphrase_file;
  std::string timeout = "60s";
  std::uint64_t epoch = 0;
  bool keep = false;
  bool watch = false;
  bool json = false;
};

std::string rotate_body(const Options& o) {
  json::object body;
  if (!o.suite.empty()) body["suite"] = o.suite;
  if (!o.beta.empty()) body["beta"] = o.beta;
  if (!o.epsilon.empty()) body["epsilon"] = o.epsilon;
  if (!o.interval.empty()) body["epoch_interval_min"] = o.interval;
  if (!o.defense.empty()) body["defense"] = o.defense == "on";
  return json::serialize(body);
}

RotationOrder order_of(const Options& o) {
  RotationOrder out;
  out.dir = o.dir;
  out.body = rotate_body(o);
  out.keep = o.keep;
  out.quiet = o.json;
  out.timeout = parse_duration(o.timeout).value_or(out.timeout);
  return out;
}

std::string rotated_text(const json::object& done, bool kept) {
  char seconds[32];
  const json::value* taken = done.if_contains("seconds");
  std::snprintf(seconds, sizeof seconds, "%.1f", taken != nullptr && taken->is_double() ? taken->get_double() : 0.0);
  return "Epoch " + text(done, "epoch") + ": every alive member (" + text(done, "alive") + ") held it after " +
         seconds + " s; " +
         (kept ? "the older epochs are kept: `quorumor keys retire` retires them.\n"
               : "epochs up to " + text(done, "retired_through") + " are retired here, elsewhere in a moment.\n");
}

Fallible<int> rotate(const Options& o) {
  BOOST_OUTCOME_TRY(const auto done, run_rotation(order_of(o)));
  return print_answer(o.json, rotated_text(done, o.keep), done);
}

Fallible<int> list_keys(const Options& o) {
  BOOST_OUTCOME_TRY(const auto keys, ask_keys(o.dir));
  return print_answer(o.json, keys_text(keys), keys);
}

// Until Ctrl-C, or until the agent ends.
Fallible<int> watch_keys(const Options& o) {
  LiveText live;
  for (;; std::this_thread::sleep_for(std::chrono::seconds{1})) {
    BOOST_OUTCOME_TRY(const auto keys, ask_keys(o.dir));
    const std::string block = o.json ? json::serialize(keys) + "\n" : keys_text(keys);
    if (o.json) {
      if (print_answer(true, block, keys) != 0) return 1;
    } else {
      live.show(block, block);
    }
  }
}

Fallible<int> status(const Options& o) { return o.watch ? watch_keys(o) : list_keys(o); }

Fallible<int> retire(const Options& o) {
  const std::string body = "{\"through\":\"" + std::to_string(o.epoch) + "\"}";
  BOOST_OUTCOME_TRYV(ask_agent(o.dir, "POST", "/v1/keys/retire", body));
  json::object out;
  out["accepted"] = true;
  out["through"] = std::to_string(o.epoch);
  return print_answer(o.json,
                      "Announced: epochs up to " + std::to_string(o.epoch) +
                          " retire, at each member once enough others have answered it under a newer key. See:\n"
                          "  quorumor keys status --watch --dir " +
                          shell_word(o.dir) + "\n",
                      out);
}

// Order matters: the new key must not be given to the evicted: the revocation is first and the announcement names it.
Fallible<int> evict(const Options& o) {
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  BOOST_OUTCOME_TRY(const auto body, ask_agent(o.dir, "GET", "/v1/status"));
  BOOST_OUTCOME_TRY(const auto parsed, parse_json(body));
  if (!parsed.is_object() || text(parsed.get_object(), "cluster") != to_hex(authority.cluster())) {
    return fail(o.authority + " is not the authority of the cluster that the agent of " + o.dir + " is in");
  }
  BOOST_OUTCOME_TRY(const auto keys, ask_keys(o.dir));
  if (!is_true(keys, "keymaster")) {
    return fail("the agent of " + o.dir + " is no keymaster, so it cannot rotate; use the directory of one that is");
  }
  BOOST_OUTCOME_TRY(const auto id, authority.find_member(o.member));
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase({o.passphrase_file, {}}));
  BOOST_OUTCOME_TRY(const auto key, authority.key(passphrase));
  BOOST_OUTCOME_TRY(const auto record, authority.revoke(id, o.reason, key, wall_now()));
  BOOST_OUTCOME_TRYV(ask_agent(o.dir, "POST", "/v1/revoke", order_json({record.rumor(), record.endorsements})));
  if (!o.json) std::printf("%s (%s) is revoked; rotates.\n", o.member.c_str(), to_hex(id).c_str());

  RotationOrder order = order_of(o);
  order.patient = true;
  auto done = run_rotation(order);
  if (!done) return fail(o.member + " is revoked, but the rotation is not finished: " + done.error().message);
  done.value()["id"] = to_hex(id);
  return print_answer(o.json, rotated_text(done.value(), o.keep), done.value());
}

std::shared_ptr<Options> add(CLI::App* c, Chosen& chosen, Fallible<int> (*run)(const Options&)) {
  auto o = std::make_shared<Options>();
  add_path(c, "--dir", o->dir, "The node's directory, whose agent is asked")->required();
  add_node_common(c, o, chosen, run);
  return o;
}

void add_rotation(CLI::App* c, Options& o) {
  c->add_option("--suite", o.suite, "chacha20-poly1305 or aes-256-gcm (as before)");
  c->add_option("--beta", o.beta, "The fraction of members that may lie, 0 to 0.333333 (as before)");
  c->add_option("--epsilon", o.epsilon, "Accepted probability of failure an epoch, 1e-1 to 1e-18 (as before)");
  c->add_option("--defense", o.defense, "on, or off for plain SWIM (as before)")->check(CLI::IsMember({"on", "off"}));
  c->add_option("--epoch-interval-min", o.interval, "The shortest time to the next rotation, such as 30s (as before)");
  c->add_flag("--keep", o.keep, "Do not retire the older epochs");
  c->add_option("--timeout", o.timeout, "How long to wait for all to hold it, and again for the retirement (60s)")
      ->check(duration_between(1s, 24h));
}

}  // namespace

void add_key_commands(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("keys", "The cluster's keys: rotate, list, retire");
  group->require_subcommand(0, 1);
  group->footer(
      "Examples:\n"
      "  quorumor keys rotate --dir /var/lib/quorumor\n"
      "  quorumor keys rotate --suite aes-256-gcm --dir /var/lib/quorumor\n"
      "  quorumor keys status --watch --dir /var/lib/quorumor");
  auto* c = group->add_subcommand("rotate", "A new key for the cluster; waits until all hold it, then retires the old");
  add_rotation(c, *add(c, chosen, rotate));
  c->footer("Needs a node whose credential has the role keymaster. Ending this command does not end the rotation.");
  c = group->add_subcommand("list", "Epochs, who holds and who uses them; never a key");
  add(c, chosen, list_keys);
  c = group->add_subcommand("status", "The same, and with --watch as it changes");
  c->add_flag("--watch", add(c, chosen, status)->watch, "Until Ctrl-C");
  c = group->add_subcommand("retire", "Retire an epoch and all before it");
  c->add_option("EPOCH", add(c, chosen, retire)->epoch, "The greatest epoch to retire")->required()
      ->check(whole_number());

  c = app.add_subcommand("evict", "Revoke a member and rotate, where the authority and a keymaster are on one machine");
  const auto o = add(c, chosen, evict);
  c->add_option("NAME", o->member, "The member's name, or its id")->required();
  add_path(c, "--authority", o->authority, "The authority's directory")->required();
  c->add_option("--reason", o->reason, "Why; every node keeps it")->required();
  add_path(c, "--passphrase-file", o->passphrase_file, "Opens a sealed authority key ('-': standard input)");
  add_rotation(c, *o);
}

}  // namespace quorumor
