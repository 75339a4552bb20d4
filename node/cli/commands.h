// The subcommands of `quorumor`. Each function adds its own to the application and sets `chosen` when the user picked
// one; main runs it and exits with what it returns: 0 done, 1 it failed, 2 it was asked wrongly.
// Errors go to stderr as one line, "quorumor: what is wrong; what to do".
#pragma once

#include "node/driver/failure.h"

#include <functional>

namespace CLI {
class App;
}

namespace quorumor {

using Chosen = std::function<int()>;

void add_authority_commands(CLI::App& app, Chosen& chosen);  // authority init | admit | show | list | revoke | ...
void add_node_commands(CLI::App& app, Chosen& chosen);       // node init | install | show | seal | unseal | public-key
void add_agent_command(CLI::App& app, Chosen& chosen);       // agent
void add_config_command(CLI::App& app, Chosen& chosen);      // config check | show | example
void add_client_commands(CLI::App& app, Chosen& chosen);     // members | status | why | events | event | join | leave
void add_key_commands(CLI::App& app, Chosen& chosen);        // keys rotate | list | status | retire, and evict
void add_order_commands(CLI::App& app, Chosen& chosen);      // revoke | force-leave | node renew
void add_dev_command(CLI::App& app, Chosen& chosen);         // dev

// Prints the failure to stderr; returns its exit code.
int report(const Failure& failure);

}  // namespace quorumor
