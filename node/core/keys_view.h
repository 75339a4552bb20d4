// What NodeCore::keys and laggards say, gathered from the state: a walk over the members for each epoch.
#pragma once

#include "node/core/keymaster.h"

namespace quorumor {

KeysView view_keys(const CoreState& state, const Epochs& epochs, const Keymaster& keymaster);
// At most `most` names of alive members that state less than this epoch, in no particular order.
std::vector<std::string> laggards_of(const CoreState& state, Epoch epoch, std::size_t most);

}  // namespace quorumor
