#include "node/cli/answer.h"
#include "node/cli/node_commands.h"
#include "node/cli/pem_identity.h"
#include "node/cli/times.h"
#include "node/cli/weak_passphrase.h"
#include "node/driver/system_rng.h"

#include "crypto/request.h"
#include "node/driver/state_directory.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <memory>
#include <vector>

namespace quorumor {
namespace {

namespace json = boost::json;

struct Options {
  std::string dir, file, identity_pem, pem_passphrase_file;
  PassphraseSource passphrase;
  bool json = false;
};

const char* validity_of(const Credential& c, WallTime now) {
  if (c.not_after < now) return "expired";
  return check_validity(c, now) == Validity::not_yet ? "not yet valid" : "valid";
}

std::string join_words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "none" : out;
}

void describe(json::object& out, const Bundle& bundle, WallTime now) {
  const Credential& c = bundle.credential.credential;
  out["id"] = to_hex(c.id);
  out["name"] = c.name;
  out["zone"] = c.zone;
  out["roles"] = json::array(c.roles.begin(), c.roles.end());
  out["serial"] = std::to_string(c.serial.value);
  out["label"] = bundle.label;
  out["cluster"] = to_hex(bundle.cluster());
  out["authority"] = to_hex(bundle.authority);
  out["not_before"] = format_time(c.not_before);
  out["not_after"] = format_time(c.not_after);
  out["validity"] = validity_of(c, now);
}

void warn_of_validity(const Credential& c, WallTime now) {
  const std::string validity = validity_of(c, now);
  if (validity == "expired")
    warn("this credential expired at " + format_time(c.not_after) + "; have it renewed");
  if (validity == "not yet valid") {
    warn("this credential is valid from " + format_time(c.not_before) + "; is the clock right?");
  }
}

Fallible<SigningKey> first_identity(const Options& o, Rng& rng) {
  if (o.identity_pem.empty() && !o.pem_passphrase_file.empty()) {
    return misuse("--pem-passphrase-file goes with --identity-pem FILE");
  }
  if (o.identity_pem.empty()) return SigningKey::generate(rng);
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase({o.pem_passphrase_file, {}}));
  return read_pem_identity(o.identity_pem, passphrase);
}

Fallible<int> init(const Options& o) {
  SystemRng rng;
  BOOST_OUTCOME_TRY(const auto identity, first_identity(o, rng));
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase(o.passphrase));
  warn_if_weak(passphrase);
  BOOST_OUTCOME_TRYV(StateDirectory::create(o.dir, identity, passphrase, rng));
  const std::string token = make_request_token(identity);
  json::object out;
  out["dir"] = o.dir;
  out["sealed"] = passphrase.has_value();
  out["key"] = to_hex(identity.public_key());
  out["request"] = token;
  const std::string dir = shell_word(o.dir);
  return print_answer(
      o.json,
      (o.identity_pem.empty() ? "Made an identity in " : "Took the identity of " + o.identity_pem + " into ") + o.dir +
          (passphrase ? ", sealed with the passphrase" : "") + ". Its request for admission (no secret):\n\n" + token +
          "\n\nNext, with the authority on this machine:\n"
          "  quorumor authority admit --authority DIR --name NAME --dir " +
          dir +
          "\nor on the authority's machine, and then here:\n"
          "  quorumor authority admit --authority DIR --name NAME --request TOKEN --out FILE\n"
          "  quorumor node install --dir " +
          dir + " FILE\n",
      out);
}

Fallible<int> install(const Options& o) {
  BOOST_OUTCOME_TRY(const auto directory, StateDirectory::open(o.dir));
  BOOST_OUTCOME_TRY(const auto bundle, read_bundle(o.file));
  BOOST_OUTCOME_TRYV(directory.install_bundle(bundle));
  const Credential& c = bundle.credential.credential;
  const WallTime now = wall_now();
  warn_of_validity(c, now);
  json::object out;
  out["dir"] = o.dir;
  describe(out, bundle, now);
  const bool is_keymaster = c.has_role(kKeymasterRole);
  return print_answer(o.json,
                      "Installed in " + o.dir + ": '" + c.name + "' of " + bundle.label + ", valid until " +
                          format_time(c.not_after) + ". A running agent takes it at its next start.\n" +
                          "Authority " + to_hex(bundle.authority) + "\nNext:\n  quorumor agent --dir " +
                          shell_word(o.dir) +
                          (is_keymaster ? " --bootstrap   (a new cluster), or\n  quorumor agent --dir " +
                                              shell_word(o.dir) + " --join HOST:PORT\n"
                                        : " --join HOST:PORT\n"),
                      out);
}

// What can be said of the ring without telling a key. A damaged one is a problem to report, not a reason to
// say nothing.
void describe_ring(json::object& out, std::string& text, std::vector<Failure>& problems,
                   const StateDirectory& directory, const ClusterId& cluster) {
  const auto ring = directory.ring(cluster);
  if (!ring) {
    problems.push_back(ring.error());
    out["ring"] = "unusable";
    text += "ring        unusable\n";
    return;
  }
  const auto* newest = ring.value() ? ring.value()->newest() : nullptr;
  if (newest == nullptr) {
    out["ring"] = "none";
    text += "ring        none yet: it comes with --join or --bootstrap\n";
    return;
  }
  out["ring"] = "present";
  out["epoch"] = std::to_string(newest->epoch().value);
  text += "ring        newest epoch " + std::to_string(newest->epoch().value) + "\n";
}

std::string credential_text(const Bundle& bundle, WallTime now) {
  const Credential& c = bundle.credential.credential;
  return "name        " + c.name + "\nid          " + to_hex(c.id) + "\nzone        " +
         (c.zone.empty() ? "none" : c.zone) + "\nroles       " + join_words(c.roles) + "\nlabel       " +
         bundle.label + "\ncluster id  " + to_hex(bundle.cluster()) + "\nserial      " +
         std::to_string(c.serial.value) + "\nvalidity    " + validity_of(c, now) + ", " +
         format_time(c.not_before) + " to " + format_time(c.not_after) + "\n";
}

Fallible<int> show(const Options& o) {
  BOOST_OUTCOME_TRY(auto directory, StateDirectory::open(o.dir));
  BOOST_OUTCOME_TRY(const bool sealed, directory.is_sealed());
  BOOST_OUTCOME_TRY(const auto key, directory.public_key());
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase(o.passphrase));
  const bool is_locked = sealed && !passphrase;
  std::string token;
  if (!is_locked) {
    BOOST_OUTCOME_TRYV(directory.unlock(passphrase));
    BOOST_OUTCOME_TRY(const auto identity, directory.identity());
    token = make_request_token(identity);
  }
  const auto bundle = directory.bundle();
  const WallTime now = wall_now();
  std::vector<Failure> problems;
  json::object out;
  out["dir"] = o.dir;
  out["key"] = to_hex(key);
  out["sealed"] = sealed;
  if (!is_locked) out["request"] = token;
  std::string text = "directory   " + o.dir + "\npublic key  " + to_hex(key) + "\nsecrets     " +
                     (sealed ? "sealed with a passphrase" : "plain files, mode 0600") + "\n";
  out["admitted"] = bundle && bundle.value();
  if (!bundle) {
    problems.push_back(bundle.error());
  } else if (!bundle.value()) {
    text += is_locked ? "credential  none yet; with --passphrase-file this prints the request for it\n"
                      : "credential  none yet; give this request to the authority:\n" + token + "\n";
  } else {
    describe(out, *bundle.value(), now);
    text += credential_text(*bundle.value(), now);
    if (is_locked) text += "ring        sealed\n";
    if (!is_locked) describe_ring(out, text, problems, directory, bundle.value()->cluster());
  }
  int code = print_answer(o.json, text, out);
  for (const Failure& problem : problems) code = report(problem);
  return code;
}

}  // namespace

Fallible<Bundle> read_bundle(const std::string& file) {
  BOOST_OUTCOME_TRY(const auto bytes, read_file(file, kBundleMax, Privacy::open));
  if (!bytes) return fail(file + " does not exist");
  auto bundle = decode_bundle(*bytes);
  if (bundle) return std::move(bundle).value();
  if (bundle.error() == CredentialError::bad_signature) {
    return fail(
        file +
        " is not signed by the authority that it names: damaged or forged; ask the authority for it again");
  }
  return fail(file + " is damaged or no bundle; it is what `quorumor authority admit --out FILE` wrote");
}

void add_node_commands(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("node", "This machine's identity and credential (offline)");
  group->require_subcommand(0, 1);
  group->footer(
      "Examples:\n"
      "  quorumor node init --dir /var/lib/quorumor\n"
      "  quorumor node install --dir /var/lib/quorumor n2.bundle\n"
      "  quorumor node show --dir /var/lib/quorumor --json");

  auto* c =
      group->add_subcommand("init", "Make a directory and an identity; print the request for admission");
  auto o = std::make_shared<Options>();
  add_path(c, "--dir", o->dir, "Directory to make, mode 0700")->required();
  add_path(c, "--identity-pem", o->identity_pem, "Take this Ed25519 key (PKCS#8 PEM, mode 0600) as the identity");
  add_path(c, "--pem-passphrase-file", o->pem_passphrase_file, "Opens an encrypted --identity-pem");
  add_passphrase(c, o->passphrase, "Seal the node's secrets");
  add_node_common(c, o, chosen, init);

  c = group->add_subcommand("install", "Put the authority's bundle in place, after checking it");
  o = std::make_shared<Options>();
  add_path(c, "--dir", o->dir, "The node's directory")->required();
  add_path(c, "FILE", o->file, "What `quorumor authority admit --out` wrote")->required();
  add_node_common(c, o, chosen, install);

  c = group->add_subcommand("show", "What is in a node's directory; no secrets");
  o = std::make_shared<Options>();
  add_path(c, "--dir", o->dir, "The node's directory")->required();
  add_passphrase(c, o->passphrase, "Open what is sealed");
  add_node_common(c, o, chosen, show);
  add_node_key_commands(group, chosen);
}

}  // namespace quorumor
