// Says on stderr what a guesser would need less than, if it is little. For new passphrases.
#pragma once

#include "node/driver/passphrase_source.h"

namespace quorumor {

void warn_if_weak(const Passphrase& passphrase);

}  // namespace quorumor
