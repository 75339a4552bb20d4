// Settings as TOML: what is in effect, and the commented example. Both come from the table of settings, so that
// neither can fall behind it.
#pragma once

#include "node/agent/config_file.h"

namespace quorumor {

// Every setting with where it comes from; reads back to the same settings.
std::string effective_text(const EffectiveSettings& effective);
// examples/agent.toml: every setting with its default, range and reason to change it. What has no default (dir, bind,
// advertise, join) is shown with an address or path of the documentation.
std::string example_text();

}  // namespace quorumor
