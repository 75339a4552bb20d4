#include "node/driver/boot.h"

#include "crypto/drbg.h"
#include "node/driver/system_rng.h"

namespace quorumor {
namespace {

constexpr std::size_t kSeedsMax = 64;

Fallible<ValidatedConfig> check_config(const Config& config) {
  auto checked = ValidatedConfig::validate(config);
  if (!checked) return misuse(checked.error().key + ": " + checked.error().message);
  return std::move(checked).value();
}

Fallible<Bundle> load_bundle(const StateDirectory& directory) {
  BOOST_OUTCOME_TRY(auto bundle, directory.bundle());
  if (bundle) return std::move(*bundle);
  const std::string path = shell_word(directory.path());
  return fail("no credential in " + directory.path().string() + "; ask your authority: quorumor authority admit " +
              "--request TOKEN --name NAME --out FILE (`quorumor node show --dir " + path +
              "` prints the token), then quorumor node install --dir " + path + " FILE");
}

void note_validity(const Bundle& bundle, WallTime wall, std::vector<std::string>& notes) {
  switch (check_validity(bundle.credential.credential, wall)) {
    case Validity::valid:
      return;
    case Validity::not_yet:
      notes.push_back("the credential is not valid yet, so others will refuse this node; check the clock");
      return;
    case Validity::expired:
      notes.push_back(
          "the credential has expired, so others will refuse this node; have the authority renew it, or "
          "check the clock");
      return;
  }
}

// A revoked node would only fall silent again, at every start. A credential of a higher serial goes on.
Fallible<void> check_not_revoked(const CoreOptions& core) {
  const Credential& own = core.credential.credential;
  Authorities authorities(core.authority, core.cluster);
  authorities.endorse_all(endorsements_of(core.verdicts));
  authorities.endorse_all(core.endorsements);
  for (const VerdictRecord& r : core.verdicts) {
    if (r.kind != RumorKind::revocation) continue;
    const Rumor rumor{r.kind, r.record, {}};
    const auto revocation = decode_revocation(rumor.content());
    if (!revocation || revocation.value().id != own.id || revocation.value().serial < own.serial) continue;
    if (!authorities.verify(SignDomain::revocation, rumor.content(), rumor.signature())) continue;
    const std::string& reason = revocation.value().reason;
    return fail("the authority has revoked the credential of this node, '" + own.name + "'" +
                (reason.empty() ? "" : " (" + reason + ")") +
                "; only your authority can issue a new one: quorumor authority admit --request TOKEN, then"
                " quorumor node install");
  }
  return success();
}

// True: start a new cluster.
Fallible<bool> check_bootstrap(const RuntimeOptions& options, const Boot& boot, bool had_members,
                               std::vector<std::string>& notes) {
  const std::string directory = options.directory.string();
  if (boot.core.ring && boot.core.ring->newest() != nullptr) {
    if (options.bootstrap) {
      notes.push_back("--bootstrap has no effect: " + directory +
                      " already holds a ring, so this node goes on with it");
    }
    return false;
  }
  if (!options.bootstrap) {
    if (!options.join.empty()) return false;
    return misuse("this node has not been in a cluster yet; give --join HOST:PORT of a member, or --bootstrap to " +
                  std::string{"start a new cluster"});
  }
  if (had_members) {
    return misuse("--bootstrap refused: " + directory + " remembers members of a cluster but has lost its ring; " +
                  "join them again with --join HOST:PORT (if that cluster is gone for good, remove " +
                  (options.directory / "members").string() + " first)");
  }
  if (!boot.core.credential.credential.has_role(kKeymasterRole)) {
    return misuse("--bootstrap refused: the credential of this node lacks the role " + std::string{kKeymasterRole} +
                  "; bootstrap a node that has it, or have the authority admit this one with --role " +
                  std::string{kKeymasterRole});
  }
  return true;
}

Fallible<void> load(const StateDirectory& directory, const RuntimeOptions& options, WallTime wall, Boot& out) {
  BOOST_OUTCOME_TRY(out.core.identity, directory.identity());
  BOOST_OUTCOME_TRY(Bundle bundle, load_bundle(directory));
  note_validity(bundle, wall, out.notes);
  out.core.cluster = bundle.cluster();
  out.core.authority = bundle.authority;
  out.core.endorsements = std::move(bundle.endorsements);
  out.label = std::move(bundle.label);
  out.core.credential = std::move(bundle.credential);
  BOOST_OUTCOME_TRY(out.core.verdicts, directory.verdicts(out.core.cluster));
  BOOST_OUTCOME_TRYV(check_not_revoked(out.core));
  BOOST_OUTCOME_TRY(out.core.ring, directory.ring(out.core.cluster));
  std::string note;
  BOOST_OUTCOME_TRY(out.core.snapshot, directory.snapshot(out.core.cluster, note));
  // A damaged snapshot, too, says that there was a cluster.
  const bool had_members = !out.core.snapshot.members.empty() || !note.empty();
  if (!note.empty()) out.notes.push_back(std::move(note));
  BOOST_OUTCOME_TRYV(sort_seeds(options.join, out.core.seeds, out.named_seeds));
  BOOST_OUTCOME_TRY(out.bootstrap, check_bootstrap(options, out, had_members, out.notes));
  return success();
}

}  // namespace

Fallible<void> sort_seeds(const std::vector<std::string>& texts, std::vector<Endpoint>& numeric,
                          std::vector<HostPort>& named) {
  if (texts.size() > kSeedsMax) {
    return misuse("too many --join; at most " + std::to_string(kSeedsMax) + " are used");
  }
  for (const std::string& text : texts) {
    BOOST_OUTCOME_TRY(HostPort name, parse_host_port(text, "--join"));
    if (!is_numeric(name)) {
      if (name.port == 0) return misuse("--join '" + text + "': port 0 is nobody's");
      named.push_back(std::move(name));
      continue;
    }
    BOOST_OUTCOME_TRY(const std::vector<Resolved> found, resolve(name));
    if (found.front().endpoint.is_unusable()) {
      return misuse("--join '" + text + "': no member can have this address; give the one that it advertises");
    }
    numeric.push_back(found.front().endpoint);
  }
  return success();
}

Fallible<Boot> boot(const RuntimeOptions& options, WallTime wall) {
  BOOST_OUTCOME_TRY(ValidatedConfig config, check_config(options.config));
  BOOST_OUTCOME_TRY(StateDirectory directory, StateDirectory::open(options.directory));
  BOOST_OUTCOME_TRY(FileLock lock, directory.lock());
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase(options.passphrase));
  BOOST_OUTCOME_TRYV(directory.unlock(passphrase));
  Boot out{directory, std::move(lock), config, {}, {}, {}, false, {}};
  BOOST_OUTCOME_TRYV(load(directory, options, wall, out));
  system_random(out.core.entropy);
  // A stream of its own: the generation's random bits are public, and nothing else may follow from them.
  Drbg rng{out.core.entropy, "generation"};
  BOOST_OUTCOME_TRY(out.core.generation, directory.next_generation(wall, rng));
  return out;
}

}  // namespace quorumor
