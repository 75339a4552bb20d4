#include "node/cli/answer.h"
#include "node/cli/node_commands.h"
#include "node/cli/pem_identity.h"
#include "node/cli/weak_passphrase.h"
#include "node/driver/system_rng.h"
#include "node/driver/state_directory.h"

#include <boost/json/value.hpp>

namespace quorumor {
namespace {

namespace json = boost::json;

struct Options {
  std::string dir;
  PassphraseSource passphrase;
  bool json = false;
  bool pem = false;
  bool hex = false;
};

int answer_sealed(const Options& o, bool sealed, const std::string& text) {
  json::object out;
  out["dir"] = o.dir;
  out["sealed"] = sealed;
  return print_answer(o.json, text, out);
}

Fallible<int> seal(const Options& o) {
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase(o.passphrase));
  if (!passphrase) return misuse("give --passphrase-file FILE or --passphrase-credential NAME");
  warn_if_weak(passphrase);
  BOOST_OUTCOME_TRY(auto directory, StateDirectory::open(o.dir));
  BOOST_OUTCOME_TRY(const auto guard, directory.lock());
  static_cast<void>(guard);
  SystemRng rng;
  BOOST_OUTCOME_TRYV(directory.seal(*passphrase, rng));
  return answer_sealed(o, true,
                       "Sealed: identity and ring in " + o.dir +
                           " open with this passphrase only, and without it the node is lost. Start its agent with\n"
                           "  quorumor agent --dir " +
                           shell_word(o.dir) + " --passphrase-file FILE ...\n");
}

Fallible<int> unseal(const Options& o) {
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase(o.passphrase));
  BOOST_OUTCOME_TRY(auto directory, StateDirectory::open(o.dir));
  BOOST_OUTCOME_TRY(const auto guard, directory.lock());
  static_cast<void>(guard);
  BOOST_OUTCOME_TRYV(directory.unseal(passphrase));
  return answer_sealed(o, false, "Unsealed: identity and ring in " + o.dir + " are plain files of mode 0600 again.\n");
}

Fallible<int> public_key(const Options& o) {
  if (o.pem && o.hex) return misuse("--pem and --hex exclude each other");
  BOOST_OUTCOME_TRY(const auto directory, StateDirectory::open(o.dir));
  BOOST_OUTCOME_TRY(const auto key, directory.public_key());
  json::object out;
  out["key"] = to_hex(key);
  out["pem"] = public_key_pem(key);
  return print_answer(o.json, o.pem ? public_key_pem(key) : to_hex(key) + "\n", out);
}

}  // namespace

void add_node_key_commands(CLI::App* group, Chosen& chosen) {
  auto* c = group->add_subcommand("seal", "Seal identity and ring with a passphrase (the agent must be stopped)");
  auto o = std::make_shared<Options>();
  add_path(c, "--dir", o->dir, "The node's directory")->required();
  add_passphrase(c, o->passphrase, "Seal");
  add_node_common(c, o, chosen, seal);

  c = group->add_subcommand("unseal", "Make identity and ring plain files again (the agent must be stopped)");
  o = std::make_shared<Options>();
  add_path(c, "--dir", o->dir, "The node's directory")->required();
  add_passphrase(c, o->passphrase, "Open");
  add_node_common(c, o, chosen, unseal);

  c = group->add_subcommand("public-key", "The identity's public half, for other tools");
  o = std::make_shared<Options>();
  add_path(c, "--dir", o->dir, "The node's directory")->required();
  c->add_flag("--pem", o->pem, "As PEM (SubjectPublicKeyInfo)");
  c->add_flag("--hex", o->hex, "As 64 hex digits (without --pem)");
  add_node_common(c, o, chosen, public_key);
}

}  // namespace quorumor
