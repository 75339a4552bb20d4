#include "node/cli/answer.h"
#include "node/cli/authority_commands.h"
#include "node/cli/commands.h"
#include "node/cli/weak_passphrase.h"
#include "node/cli/path_option.h"
#include "node/cli/times.h"
#include "node/driver/system_rng.h"

#include "crypto/request.h"
#include "node/driver/state_directory.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <memory>

namespace quorumor {
namespace {

namespace json = boost::json;

constexpr int kDaysDefault = 365;
constexpr int kDaysMax = 36'500;

// Of all the group's commands; each uses its own few.
struct Options {
  std::string authority, label, out, from, passphrase_file, dir, name, renew, zone, request, not_after;
  std::vector<std::string> roles;
  int days = kDaysDefault;
  bool json = false;
  // What is given differs from what is empty.
  const CLI::Option* zone_given = nullptr;
  const CLI::Option* roles_given = nullptr;
  const CLI::Option* days_given = nullptr;
  bool no_roles = false;
  bool pardon = false;
};
// --- init ---

Fallible<AuthorityDirectory> make_authority(const Options& o) {
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase({o.passphrase_file, {}}));
  warn_if_weak(passphrase);
  SystemRng rng;
  if (o.from.empty()) return AuthorityDirectory::create(o.out, o.label, passphrase, rng);
  BOOST_OUTCOME_TRY(const auto from, AuthorityDirectory::open(o.from));
  return AuthorityDirectory::create_from(o.out, o.label, from, passphrase, rng);
}

int init(const Options& o) {
  const auto made = make_authority(o);
  if (!made) return report(made.error());
  const auto sealed = made.value().is_sealed();
  if (!sealed) return report(sealed.error());
  json::object out;
  describe(out, made.value());
  out["dir"] = o.out;
  out["sealed"] = sealed.value();
  const std::string dir = shell_word(o.out);
  return print_answer(
      o.json,
      "Made the authority '" + o.label + "' in " + o.out +
          (sealed.value() ? ", its key sealed with the passphrase.\n" : ", its key not sealed.\n") +
          "Cluster id " + to_hex(made.value().cluster()) +
          "\nKeep this directory offline and backed up: who has it owns the cluster.\n"
          "Next, for each node:\n  quorumor node init --dir NODEDIR\n"
          "  quorumor authority admit --authority " +
          dir + " --name NAME --dir NODEDIR\n",
      out);
}

// --- admit ---

Fallible<WallTime> expiry(const Options& o, WallTime now) {
  if (!o.not_after.empty()) {
    if (o.days_given->count() > 0) return misuse("--days and --not-after exclude each other");
    const auto time = parse_time(o.not_after);
    if (time) return *time;
    return misuse("--not-after '" + o.not_after +
                  "' is no time; write 2026-12-31T23:59:59Z or seconds since 1970");
  }
  if (o.days < 1 || o.days > kDaysMax) return misuse("--days takes 1 to " + std::to_string(kDaysMax));
  return wall_from_seconds(unix_seconds(now)) + std::chrono::hours{24} * o.days;
}

Fallible<PublicKey> parse_request(const std::string& token) {
  const auto key = parse_request_token(token);
  if (key) return key.value();
  switch (key.error()) {
    case RequestError::not_a_token:
      return misuse("--request takes the token that `quorumor node init` printed; it begins with qreq1-");
    case RequestError::damaged:
      return fail("the request token is damaged or incomplete; copy the whole line again");
    case RequestError::bad_key:
    case RequestError::bad_signature:
      break;
  }
  return fail(
      "the request token is not signed by the key in it: somebody made it up; ask the node's owner for it "
      "again");
}

// A mistyped --out must not destroy an identity or somebody's thesis: only an older bundle is replaced.
Fallible<void> check_bundle_place(const std::string& path) {
  if (!may_exist(path)) return success();
  BOOST_OUTCOME_TRY(const auto bytes, read_file(path, kBundleMax, Privacy::open));
  if (!bytes || decode_bundle(*bytes)) return success();
  return fail(path + " exists and is no bundle; give --out another name");
}

Fallible<void> check_renew_usage(const Options& o) {
  if (!o.request.empty()) return misuse("--renew takes the node's key from the ledger; leave --request out");
  if (o.dir.empty() == o.out.empty()) {
    return misuse("--renew needs either --out FILE for the bundle or --dir NODEDIR (a node on this machine)");
  }
  return success();
}

Fallible<void> check_admit_usage(const Options& o) {
  if (o.no_roles && o.roles_given->count() > 0) return misuse("--role and --no-roles exclude each other");
  if (o.name.empty() == o.renew.empty()) return misuse("give either --name NAME, or --renew NAME for a known node");
  if (!o.renew.empty()) return check_renew_usage(o);
  if (o.pardon) return misuse("--pardon goes with --renew NAME");
  if (o.dir.empty() == o.request.empty()) {
    return misuse("give either --dir NODEDIR (a node on this machine) or --request TOKEN --out FILE");
  }
  if (!o.request.empty() && o.out.empty()) return misuse("--request needs --out FILE for the bundle");
  if (o.request.empty() && !o.out.empty())
    return misuse("--out goes with --request; --dir installs the bundle itself");
  return success();
}

// A renewal's key is the one that the ledger bound the name to: nobody has to bring it again.
Fallible<void> take_known_key(const AuthorityDirectory& authority, Admission& admission, bool has_directory) {
  BOOST_OUTCOME_TRY(const auto id, authority.find_member(admission.name));
  BOOST_OUTCOME_TRY(const auto ledger, authority.ledger());
  const LedgerEntry* entry = ledger.find_id(id);
  if (entry == nullptr) {
    return fail("the ledger has no key of " + admission.name + "; admit it with --name, --request and --out");
  }
  if (has_directory && admission.key != entry->identity) {
    return fail("the directory holds another key than the ledger has for '" + entry->name + "'; is it another node's?");
  }
  admission.name = entry->name;
  admission.key = entry->identity;
  return success();
}

Fallible<Bundle> admit_node(const Options& o, WallTime now) {
  BOOST_OUTCOME_TRYV(check_admit_usage(o));
  Admission admission;
  admission.name = o.renew.empty() ? o.name : o.renew;
  admission.pardon = o.pardon;
  if (o.zone_given->count() > 0) admission.zone = o.zone;
  if (o.roles_given->count() > 0 || o.no_roles) admission.roles = o.roles;
  BOOST_OUTCOME_TRY(admission.not_after, expiry(o, now));

  std::optional<StateDirectory> node;
  if (!o.dir.empty()) {
    BOOST_OUTCOME_TRY(auto opened, StateDirectory::open(o.dir));
    BOOST_OUTCOME_TRY(admission.key, opened.public_key());
    node = std::move(opened);
  } else {
    BOOST_OUTCOME_TRYV(check_bundle_place(o.out));
  }
  if (!o.request.empty()) {
    BOOST_OUTCOME_TRY(admission.key, parse_request(o.request));
  }
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  if (!o.renew.empty()) {
    BOOST_OUTCOME_TRYV(take_known_key(authority, admission, node.has_value()));
  }
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase({o.passphrase_file, {}}));
  BOOST_OUTCOME_TRY(const auto key, authority.key(passphrase));
  SystemRng rng;
  BOOST_OUTCOME_TRY(auto bundle, authority.admit(admission, key, now, rng));
  if (node) {
    BOOST_OUTCOME_TRYV(node->install_bundle(bundle));
  } else {
    BOOST_OUTCOME_TRYV(write_file_atomically(o.out, encode_bundle(bundle), Privacy::open));
  }
  return bundle;
}

int admit(const Options& o) {
  const WallTime now = wall_now();
  const auto admitted = admit_node(o, now);
  if (!admitted) return report(admitted.error());
  const Credential& c = admitted.value().credential.credential;
  const auto warnings = admission_warnings(c, now);
  for (const std::string& warning : warnings) warn(warning);

  json::object out;
  out["label"] = admitted.value().label;
  out["cluster"] = to_hex(admitted.value().cluster());
  out["id"] = to_hex(c.id);
  out["name"] = c.name;
  out["zone"] = c.zone;
  out["roles"] = to_array(c.roles);
  out["serial"] = std::to_string(c.serial.value);
  out["not_before"] = format_time(c.not_before);
  out["not_after"] = format_time(c.not_after);
  const bool installed = !o.dir.empty();
  out[installed ? "installed" : "bundle"] = installed ? o.dir : o.out;
  out["warnings"] = to_array(warnings);

  std::string text = "Admitted '" + c.name + "' to " + admitted.value().label + " as " + to_hex(c.id) +
                     "\n  serial " + std::to_string(c.serial.value) + ", valid until " +
                     format_time(c.not_after) + "\n";
  for (const std::string& role : c.roles) text += "  role " + role + "\n";
  const std::string command = o.renew.empty() ? "install" : "renew";
  text += installed ? "Installed in " + o.dir + "; a running agent takes it at its next start.\n"
                    : "Wrote " + o.out + "; bring it to the node and run:\n  quorumor node " + command +
                          " --dir NODEDIR " + shell_word(o.out) + "\n";
  return print_answer(o.json, text, out);
}

// --- backup, restore ---

Fallible<int> back_up(const Options& o) {
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  if (may_exist(o.out)) return fail(o.out + " exists; a backup never overwrites: give --out another name");
  BOOST_OUTCOME_TRY(const bool sealed, authority.is_sealed());
  BOOST_OUTCOME_TRY(const auto content, authority.backup());
  BOOST_OUTCOME_TRYV(write_file_atomically(o.out, content.view(), Privacy::secret));
  json::object out;
  describe(out, authority);
  out["backup"] = o.out;
  out["sealed"] = sealed;
  return print_answer(
      o.json,
      "Wrote " + o.out + ": key, label and ledger of '" + authority.label() + "'.\n" +
          (sealed ? "It opens with the same passphrase.\n"
                  : "The key in it is not sealed: who reads this file owns the cluster.\n") +
          "Make a new one after every admission. To get it back:\n  quorumor authority restore --from " +
          shell_word(o.out) + " --out DIR\n",
      out);
}

Fallible<int> restore(const Options& o) {
  BOOST_OUTCOME_TRY(auto bytes, read_file(o.from, kBackupBytesMax, Privacy::secret));
  if (!bytes) return fail(o.from + " does not exist");
  const WipedBytes content(std::move(*bytes));
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::restore(o.out, content.view(), o.from));
  BOOST_OUTCOME_TRY(const auto ledger, authority.ledger());
  json::object out;
  describe(out, authority);
  out["dir"] = o.out;
  out["members"] = ledger.entries().size();
  return print_answer(
      o.json,
      "Restored the authority '" + authority.label() + "' with " + std::to_string(ledger.entries().size()) +
          " members into " + o.out + ".\n" +
          "Nodes that were admitted after this backup are not in it: admit them again by the same"
          " names before anybody else.\n",
      out);
}

// --- the command line ---

void add_init(CLI::App* group, Chosen& chosen) {
  auto* c = group->add_subcommand("init", "Make an authority: the key that admits nodes to one cluster");
  const auto o = std::make_shared<Options>();
  c->add_option("--label", o->label, "The cluster's name, such as prod/dc1")->required();
  add_path(c, "--out", o->out, "Directory to make")->required();
  add_path(c, "--passphrase-file", o->passphrase_file,
           "Seal the key with this file's line ('-': standard input)");
  add_path(c, "--from", o->from, "Use the key of this authority, under another label");
  c->footer(
      "Example:\n  quorumor authority init --label prod/dc1 --out ~/authority --passphrase-file pass.txt");
  add_authority_common(c, o, chosen, init);
}

void add_admit(CLI::App* group, Chosen& chosen) {
  auto* c = group->add_subcommand("admit", "Admit a node, or renew its credential");
  const auto o = std::make_shared<Options>();
  add_path(c, "--authority", o->authority, "The authority's directory")->required();
  c->add_option("--name", o->name, "The node's name, unique in the cluster");
  c->add_option("--renew", o->renew, "Renew this name's (or id's) credential: same id and key, a higher serial");
  c->add_flag("--pardon", o->pardon, "With --renew: although it was revoked");
  o->zone_given = c->add_option("--zone", o->zone, "Failure zone ('': none; not given: as before)");
  o->roles_given =
      c->add_option("--role", o->roles, "A role such as keymaster; may repeat (not given: as before)")
          ->allow_extra_args(false);
  c->add_flag("--no-roles", o->no_roles, "Take all roles away");
  o->days_given = c->add_option("--days", o->days, "Valid for so many days from now (365)");
  c->add_option("--not-after", o->not_after, "Valid until: 2026-12-31T23:59:59Z, or seconds since 1970");
  add_path(c, "--dir", o->dir, "The node's directory, on this machine: install the credential there");
  c->add_option("--request", o->request, "The token that `quorumor node init` printed elsewhere");
  add_path(c, "--out", o->out, "With --request or --renew: where to write the bundle for the node");
  add_path(c, "--passphrase-file", o->passphrase_file, "Opens a sealed key ('-': standard input)");
  c->footer(
      "Examples:\n"
      "  quorumor authority admit --authority ~/authority --name n1 --role keymaster --dir "
      "/var/lib/quorumor\n"
      "  quorumor authority admit --authority ~/authority --name n2 --zone b --request qreq1-... --out "
      "n2.bundle\n"
      "  quorumor authority admit --authority ~/authority --renew n2 --days 365 --out n2.bundle");
  add_authority_common(c, o, chosen, admit);
}

void add_backup_and_restore(CLI::App* group, Chosen& chosen) {
  auto* c = group->add_subcommand("backup", "Write key, label and ledger into one file");
  auto o = std::make_shared<Options>();
  add_path(c, "--authority", o->authority, "The authority's directory")->required();
  add_path(c, "--out", o->out, "The file to make, mode 0600")->required();
  c->footer(
      "Example:\n  quorumor authority backup --authority ~/authority --out authority-2026-07-01.backup");
  add_authority_common(c, o, chosen, [](const Options& options) { return finish(back_up(options)); });

  c = group->add_subcommand("restore", "Make an authority's directory from a backup");
  o = std::make_shared<Options>();
  add_path(c, "--from", o->from, "The backup")->required();
  add_path(c, "--out", o->out, "Directory to make")->required();
  add_authority_common(c, o, chosen, [](const Options& options) { return finish(restore(options)); });
}

}  // namespace

void add_authority_commands(CLI::App& app, Chosen& chosen) {
  auto* group =
      app.add_subcommand("authority", "The operator's key: make it, admit nodes, back it up (offline)");
  group->require_subcommand(0, 1);
  group->footer(
      "Examples:\n"
      "  quorumor authority init --label prod/dc1 --out ~/authority\n"
      "  quorumor authority admit --authority ~/authority --name n1 --role keymaster --dir "
      "/var/lib/quorumor\n"
      "  quorumor authority list --authority ~/authority\n"
      "  quorumor authority revoke n2 --reason stolen --authority ~/authority --out n2.revoked");
  add_init(group, chosen);
  add_admit(group, chosen);
  add_authority_views(group, chosen);
  add_authority_orders(group, chosen);
  add_authority_standby(group, chosen);
  add_backup_and_restore(group, chosen);
}

}  // namespace quorumor
