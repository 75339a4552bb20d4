#include "node/cli/answer.h"
#include "node/cli/authority_directory.h"
#include "node/cli/commands.h"
#include "node/cli/passphrase_file.h"
#include "node/cli/path_option.h"
#include "node/cli/system_rng.h"
#include "node/cli/times.h"

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
  std::string authority, label, out, from, passphrase_file, dir, name, zone, request, not_after;
  std::vector<std::string> roles;
  int days = kDaysDefault;
  bool json = false;
  // What is given differs from what is empty.
  const CLI::Option* zone_given = nullptr;
  const CLI::Option* roles_given = nullptr;
  const CLI::Option* days_given = nullptr;
  bool no_roles = false;
};
using Shared = std::shared_ptr<Options>;

template <class T>
json::array to_array(const std::vector<T>& items) {
  return json::array(items.begin(), items.end());
}

void describe(json::object& out, const AuthorityDirectory& authority) {
  out["label"] = authority.label();
  out["cluster"] = to_hex(authority.cluster());
  out["key"] = to_hex(authority.public_key());
}

// --- init ---

Fallible<AuthorityDirectory> make_authority(const Options& o) {
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase(o.passphrase_file));
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

Fallible<void> check_admit_usage(const Options& o) {
  if (o.dir.empty() == o.request.empty()) {
    return misuse("give either --dir NODEDIR (a node on this machine) or --request TOKEN --out FILE");
  }
  if (!o.request.empty() && o.out.empty()) return misuse("--request needs --out FILE for the bundle");
  if (o.request.empty() && !o.out.empty())
    return misuse("--out goes with --request; --dir installs the bundle itself");
  if (o.no_roles && o.roles_given->count() > 0) return misuse("--role and --no-roles exclude each other");
  return success();
}

Fallible<Bundle> admit_node(const Options& o, WallTime now) {
  BOOST_OUTCOME_TRYV(check_admit_usage(o));
  Admission admission;
  admission.name = o.name;
  if (o.zone_given->count() > 0) admission.zone = o.zone;
  if (o.roles_given->count() > 0 || o.no_roles) admission.roles = o.roles;
  BOOST_OUTCOME_TRY(admission.not_after, expiry(o, now));

  std::optional<StateDirectory> node;
  if (o.request.empty()) {
    BOOST_OUTCOME_TRY(auto opened, StateDirectory::open(o.dir));
    BOOST_OUTCOME_TRY(const auto identity, opened.identity());
    admission.key = identity.public_key();
    node = std::move(opened);
  } else {
    BOOST_OUTCOME_TRY(admission.key, parse_request(o.request));
    BOOST_OUTCOME_TRYV(check_bundle_place(o.out));
  }
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase(o.passphrase_file));
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
  out[o.request.empty() ? "installed" : "bundle"] = o.request.empty() ? o.dir : o.out;
  out["warnings"] = to_array(warnings);

  std::string text = "Admitted '" + c.name + "' to " + admitted.value().label + " as " + to_hex(c.id) +
                     "\n  serial " + std::to_string(c.serial.value) + ", valid until " +
                     format_time(c.not_after) + "\n";
  for (const std::string& role : c.roles) text += "  role " + role + "\n";
  text += o.request.empty()
              ? "Installed in " + o.dir + "; a running agent takes it at its next start.\n"
              : "Wrote " + o.out + "; bring it to the node and run:\n  quorumor node install --dir NODEDIR " +
                    shell_word(o.out) + "\n";
  return print_answer(o.json, text, out);
}

// --- show ---

json::object member_json(const LedgerEntry& e, const char* validity) {
  json::object out;
  out["id"] = to_hex(e.id);
  out["name"] = e.name;
  out["zone"] = e.zone;
  out["roles"] = to_array(e.roles);
  out["key"] = to_hex(e.identity);
  out["serial"] = std::to_string(e.serial.value);
  out["not_before"] = format_time(e.not_before);
  out["not_after"] = format_time(e.not_after);
  out["validity"] = validity;
  return out;
}

std::string pad(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + "  ";
}

std::string member_line(const LedgerEntry& e, const char* validity, std::size_t name_width) {
  std::string rest = e.zone.empty() ? "" : "zone " + e.zone;
  for (const std::string& role : e.roles) rest += (rest.empty() ? "" : ", ") + role;
  return pad(e.name, name_width) + pad(to_hex(e.id), 32) + pad(format_time(e.not_after), 20) +
         pad(validity, 8) + rest;
}

Fallible<int> show_authority(const Options& o) {
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  BOOST_OUTCOME_TRY(const bool sealed, authority.is_sealed());
  BOOST_OUTCOME_TRY(const auto ledger, authority.ledger());
  const WallTime now = wall_now();
  json::object out;
  describe(out, authority);
  out["sealed"] = sealed;
  std::string text = "label       " + authority.label() + "\ncluster id  " + to_hex(authority.cluster()) +
                     "\npublic key  " + to_hex(authority.public_key()) + "\nkey file    " +
                     (sealed ? "sealed with a passphrase" : "not sealed") + "\nmembers     " +
                     std::to_string(ledger.entries().size()) + "\n";
  std::size_t name_width = 4;
  for (const LedgerEntry& e : ledger.entries()) name_width = std::max(name_width, e.name.size());
  if (!ledger.entries().empty()) {
    text += "\n" + pad("NAME", name_width) + pad("ID", 32) + pad("VALID UNTIL", 20) + pad("VALIDITY", 8) +
            "ZONE, ROLES\n";
  }
  json::array members;
  for (const LedgerEntry& e : ledger.entries()) {
    const char* validity = e.not_after < now ? "expired" : "valid";
    members.push_back(member_json(e, validity));
    std::string line = member_line(e, validity, name_width);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  out["members"] = std::move(members);
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

int finish(const Fallible<int>& done) { return done ? done.value() : report(done.error()); }

template <class Run>
void add_common(CLI::App* command, const Shared& o, Chosen& chosen, Run run) {
  command->add_flag("--json", o->json, "Answer in JSON");
  command->callback([o, &chosen, run] { chosen = [o, run] { return run(*o); }; });
}

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
  add_common(c, o, chosen, init);
}

void add_admit(CLI::App* group, Chosen& chosen) {
  auto* c = group->add_subcommand("admit", "Admit a node, or renew its credential");
  const auto o = std::make_shared<Options>();
  add_path(c, "--authority", o->authority, "The authority's directory")->required();
  c->add_option("--name", o->name, "The node's name, unique in the cluster")->required();
  o->zone_given = c->add_option("--zone", o->zone, "Failure zone ('': none; not given: as before)");
  o->roles_given =
      c->add_option("--role", o->roles, "A role such as keymaster; may repeat (not given: as before)")
          ->allow_extra_args(false);
  c->add_flag("--no-roles", o->no_roles, "Take all roles away");
  o->days_given = c->add_option("--days", o->days, "Valid for so many days from now (365)");
  c->add_option("--not-after", o->not_after, "Valid until: 2026-12-31T23:59:59Z, or seconds since 1970");
  add_path(c, "--dir", o->dir, "The node's directory, on this machine: install the credential there");
  c->add_option("--request", o->request, "The token that `quorumor node init` printed elsewhere");
  add_path(c, "--out", o->out, "With --request: where to write the bundle for `quorumor node install`");
  add_path(c, "--passphrase-file", o->passphrase_file, "Opens a sealed key ('-': standard input)");
  c->footer(
      "Examples:\n"
      "  quorumor authority admit --authority ~/authority --name n1 --role keymaster --dir "
      "/var/lib/quorumor\n"
      "  quorumor authority admit --authority ~/authority --name n2 --zone b --request qreq1-... --out "
      "n2.bundle");
  add_common(c, o, chosen, admit);
}

void add_show(CLI::App* group, Chosen& chosen) {
  auto* c = group->add_subcommand("show", "Label, cluster id, public key, and whom it admitted");
  const auto o = std::make_shared<Options>();
  add_path(c, "--authority", o->authority, "The authority's directory")->required();
  add_common(c, o, chosen, [](const Options& options) { return finish(show_authority(options)); });
}

void add_backup_and_restore(CLI::App* group, Chosen& chosen) {
  auto* c = group->add_subcommand("backup", "Write key, label and ledger into one file");
  auto o = std::make_shared<Options>();
  add_path(c, "--authority", o->authority, "The authority's directory")->required();
  add_path(c, "--out", o->out, "The file to make, mode 0600")->required();
  c->footer(
      "Example:\n  quorumor authority backup --authority ~/authority --out authority-2026-07-01.backup");
  add_common(c, o, chosen, [](const Options& options) { return finish(back_up(options)); });

  c = group->add_subcommand("restore", "Make an authority's directory from a backup");
  o = std::make_shared<Options>();
  add_path(c, "--from", o->from, "The backup")->required();
  add_path(c, "--out", o->out, "Directory to make")->required();
  add_common(c, o, chosen, [](const Options& options) { return finish(restore(options)); });
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
      "  quorumor authority show --authority ~/authority --json");
  add_init(group, chosen);
  add_admit(group, chosen);
  add_show(group, chosen);
  add_backup_and_restore(group, chosen);
}

}  // namespace quorumor
