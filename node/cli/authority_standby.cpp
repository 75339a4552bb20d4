// `quorumor authority endorse`: a standby authority, made while the first key still exists and kept somewhere else, so
// that the loss of that key is not the loss of the cluster.
#include "node/cli/answer.h"
#include "node/cli/authority_commands.h"
#include "node/cli/path_option.h"
#include "node/cli/times.h"
#include "node/cli/weak_passphrase.h"
#include "node/driver/system_rng.h"

#include <boost/json/value.hpp>

namespace quorumor {
namespace {

namespace json = boost::json;

struct Options {
  std::string authority, out, passphrase_file, out_passphrase_file;
  bool json = false;
};

int tell(const Options& o, const AuthorityDirectory& standby, bool sealed, std::size_t members, bool refreshed) {
  json::object out;
  describe(out, standby);
  out["dir"] = o.out;
  out["sealed"] = sealed;
  out["members"] = members;
  out["refreshed"] = refreshed;
  const std::string dir = shell_word(o.out);
  const std::string what = refreshed ? "Refreshed the standby in " + o.out + ": its ledger has "
                                     : "Made a standby of the authority '" + standby.label() + "' in " + o.out +
                                           (sealed ? ", its key sealed" : ", its key not sealed") + ". Its ledger has ";
  return print_answer(
      o.json,
      what + std::to_string(members) + " members.\nPublic key " + to_hex(standby.public_key()) +
          "\nKeep it offline, elsewhere than the first: who has it owns the cluster, and nothing takes it back.\n"
          "After admissions, bring its ledger up to date:\n  quorumor authority endorse --authority " +
          shell_word(o.authority) + " --out " + dir +
          "\nIf the first key is lost, use it in its place:\n  quorumor authority admit --authority " + dir +
          " --name NAME --request TOKEN --out FILE\n",
      out);
}

Fallible<int> refresh(const Options& o, const AuthorityDirectory& authority) {
  if (!o.out_passphrase_file.empty()) {
    return misuse(o.out +
                  " exists and keeps its key and passphrase; leave --out-passphrase-file out to refresh its ledger");
  }
  BOOST_OUTCOME_TRY(const auto standby, AuthorityDirectory::open(o.out));
  BOOST_OUTCOME_TRYV(standby.refresh(authority));
  BOOST_OUTCOME_TRY(const auto ledger, standby.ledger());
  BOOST_OUTCOME_TRY(const bool sealed, standby.is_sealed());
  return tell(o, standby, sealed, ledger.entries().size(), true);
}

Fallible<int> endorse(const Options& o) {
  if (o.passphrase_file == "-" && o.out_passphrase_file == "-") {
    return misuse("only one of --passphrase-file and --out-passphrase-file can be '-', standard input");
  }
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  if (may_exist(std::filesystem::path(o.out) / "authority")) return refresh(o, authority);
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase({o.passphrase_file, {}}));
  BOOST_OUTCOME_TRY(const auto key, authority.key(passphrase));
  BOOST_OUTCOME_TRY(const auto sealing, read_passphrase({o.out_passphrase_file, {}}));
  warn_if_weak(sealing);
  SystemRng rng;
  BOOST_OUTCOME_TRY(const auto standby, authority.endorse(o.out, key, sealing, wall_now(), rng));
  BOOST_OUTCOME_TRY(const auto ledger, standby.ledger());
  return tell(o, standby, sealing.has_value(), ledger.entries().size(), false);
}

}  // namespace

void add_authority_standby(CLI::App* group, Chosen& chosen) {
  auto* c = group->add_subcommand("endorse", "Make a standby authority, against the loss of this one; or refresh it");
  const auto o = std::make_shared<Options>();
  add_path(c, "--authority", o->authority, "The authority's directory")->required();
  add_path(c, "--out", o->out, "Directory to make; or a standby of this authority, to refresh its ledger")->required();
  add_path(c, "--passphrase-file", o->passphrase_file, "Opens a sealed key ('-': standard input)");
  add_path(c, "--out-passphrase-file", o->out_passphrase_file,
           "Seal the standby's key with this file's line ('-': standard input)");
  c->footer(
      "Example:\n  quorumor authority endorse --authority ~/authority --out /media/safe/standby "
      "--out-passphrase-file pass.txt");
  add_authority_common(c, o, chosen, [](const Options& options) { return finish(endorse(options)); });
}

}  // namespace quorumor
