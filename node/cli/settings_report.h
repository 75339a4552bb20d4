// A file and flags into settings, and what is wrong with them onto stderr.
#pragma once

#include "node/agent/config_file.h"

namespace quorumor {

// `file` may be empty: flags alone.
Result<EffectiveSettings, Problems> load_settings(const std::string& file, const std::vector<GivenSetting>& flags);
// One line each, as report() prints them; returns 2: it was asked wrongly.
int report_all(const Problems& problems);

}  // namespace quorumor
