// What the files of `quorumor authority ...` share: each adds its commands to the group and answers in one way.
#pragma once

#include "node/cli/authority_directory.h"
#include "node/cli/commands.h"

#include <CLI/App.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <vector>

namespace quorumor {

void add_authority_views(CLI::App* group, Chosen& chosen);   // show | list
void add_authority_orders(CLI::App* group, Chosen& chosen);  // revoke | force-leave
void add_authority_standby(CLI::App* group, Chosen& chosen);  // endorse

// Label, cluster id and public key.
void describe(boost::json::object& out, const AuthorityDirectory& authority);
inline boost::json::array to_array(const std::vector<std::string>& items) {
  return boost::json::array(items.begin(), items.end());
}

inline int finish(const Fallible<int>& done) { return done ? done.value() : report(done.error()); }

template <class Options, class Run>
void add_authority_common(CLI::App* command, const std::shared_ptr<Options>& o, Chosen& chosen, Run run) {
  command->add_flag("--json", o->json, "Answer in JSON");
  command->callback([o, &chosen, run] { chosen = [o, run] { return run(*o); }; });
}

}  // namespace quorumor
