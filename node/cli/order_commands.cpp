#include "node/agent/orders_json.h"
#include "node/cli/admin_client.h"
#include "node/cli/answer.h"
#include "node/cli/authority_record.h"
#include "node/cli/commands.h"
#include "node/cli/json_fields.h"
#include "node/cli/node_commands.h"
#include "node/driver/state_directory.h"

#include <boost/json/serialize.hpp>

namespace quorumor {
namespace {

namespace json = boost::json;

struct Options {
  std::string dir, file;
  bool json = false;
};

// The file is checked here and its cluster compared with the agent's, so that a mixed-up file gets a clear line.
Fallible<AuthorityRecord> read_order(const Options& o, RumorKind wanted) {
  BOOST_OUTCOME_TRY(const auto record, read_record(o.file));
  if (record.kind() != wanted) {
    const bool is_revocation = record.kind() == RumorKind::revocation;
    return fail(o.file + " is " + (is_revocation ? "a revocation" : "a forced leave") + "; hand it in with `quorumor " +
                (is_revocation ? "revoke`" : "force-leave`"));
  }
  BOOST_OUTCOME_TRY(const auto body, ask_agent(o.dir, "GET", "/v1/status"));
  BOOST_OUTCOME_TRY(const auto status, parse_json(body));
  const bool is_object = status.is_object();
  if (is_object && text(status.get_object(), "cluster") != to_hex(record.cluster())) {
    return fail(o.file + " is about another cluster ('" + record.label + "') than the agent of " + o.dir + " is in");
  }
  return record;
}

Fallible<int> hand_in(const Options& o, RumorKind kind, const char* path, const std::string& done) {
  BOOST_OUTCOME_TRY(const auto record, read_order(o, kind));
  BOOST_OUTCOME_TRYV(ask_agent(o.dir, "POST", path, order_json({record.rumor(), record.endorsements})));
  json::object out;
  out["accepted"] = true;
  out["id"] = to_hex(record.id());
  return print_answer(o.json, to_hex(record.id()) + " " + done, out);
}

Fallible<int> revoke(const Options& o) {
  return hand_in(o, RumorKind::revocation, "/v1/revoke",
                 "is revoked here, and every member hears of it. Rotate next, so that the keys that it has are worth "
                 "nothing:\n  quorumor keys rotate --dir " +
                     shell_word(o.dir) + "\n");
}

Fallible<int> force_leave(const Options& o) {
  return hand_in(o, RumorKind::force_leave, "/v1/force-leave", "counts as left here, and every member hears of it.\n");
}

// Installs first: what a running agent takes is what its next start would take.
Fallible<int> renew(const Options& o) {
  BOOST_OUTCOME_TRY(const auto directory, StateDirectory::open(o.dir));
  BOOST_OUTCOME_TRY(const auto bundle, read_bundle(o.file));
  BOOST_OUTCOME_TRYV(directory.install_bundle(bundle));
  const std::string serial = std::to_string(bundle.credential.credential.serial.value);
  json::object out;
  out["serial"] = serial;
  auto client = AdminClient::connect(o.dir);
  out["running"] = client.has_value();
  if (!client) {
    return print_answer(o.json, "Installed serial " + serial + " in " + o.dir + "; no agent runs there now.\n", out);
  }
  BOOST_OUTCOME_TRYV(client.value().request("POST", "/v1/renew"));
  return print_answer(o.json, "Installed serial " + serial + " in " + o.dir + ", and its agent uses it.\n", out);
}

void add_order(CLI::App* c, Chosen& chosen, const char* file, Fallible<int> (*run)(const Options&)) {
  auto o = std::make_shared<Options>();
  add_path(c, "--dir", o->dir, "The node's directory, whose agent is told")->required();
  add_path(c, "FILE", o->file, file)->required();
  add_node_common(c, o, chosen, run);
}

}  // namespace

void add_order_commands(CLI::App& app, Chosen& chosen) {
  add_order(app.add_subcommand("revoke", "Hand an authority's revocation to the cluster"), chosen,
            "What `quorumor authority revoke --out` wrote", revoke);
  add_order(app.add_subcommand("force-leave", "Hand an authority's forced leave to the cluster"), chosen,
            "What `quorumor authority force-leave --out` wrote", force_leave);
  add_order(app.get_subcommand("node")->add_subcommand("renew", "Put a renewed credential in place, without a restart"),
            chosen, "What `quorumor authority admit --renew NAME --out` wrote", renew);
}

}  // namespace quorumor
