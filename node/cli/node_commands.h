// What the files of `quorumor node ...` share: each adds its commands to the group and answers in one way.
#pragma once

#include "crypto/authority.h"
#include "node/cli/commands.h"
#include "node/cli/path_option.h"
#include "node/driver/passphrase_source.h"

#include <memory>
#include <string>

namespace quorumor {

void add_node_key_commands(CLI::App* group, Chosen& chosen);  // seal | unseal | public-key

// What the authority wrote for a node, verified.
Fallible<Bundle> read_bundle(const std::string& file);

// Both options that name a passphrase; `what` ends the help's sentence.
inline void add_passphrase(CLI::App* command, PassphraseSource& into, const std::string& what) {
  add_path(command, "--passphrase-file", into.file, what + " with this file's line ('-': standard input)");
  add_path(command, "--passphrase-credential", into.credential, what + " with this credential of systemd");
}

template <class Options, class Run>
void add_node_common(CLI::App* command, const std::shared_ptr<Options>& o, Chosen& chosen, Run run) {
  command->add_flag("--json", o->json, "Answer in JSON");
  command->callback([o, &chosen, run] {
    chosen = [o, run] {
      const Fallible<int> done = run(*o);
      return done ? done.value() : report(done.error());
    };
  });
}

}  // namespace quorumor
