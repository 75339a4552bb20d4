// What the authority decides when it admits a node: a pure function of its ledger, the request, the time and
// a random source, so that every rule can be tested without files.
//
// Rules (PROTOCOL section 2):
//  * The NodeId is the authority's choice, random: nobody grinds an id next to a victim. No two ids of a
//    ledger share their first 8 bytes, which is all that a datagram's header carries.
//  * A name belongs to one key and a key to one name. The same pair again is a renewal: same id, higher
//    serial.
//  * serial = max(ledger's of this id + 1, unix time): rises even if the ledger came from an older backup.
//  * A renewal keeps zone and roles unless told otherwise: renewing must not silently demote a keymaster.
//  * A revoked id is admitted again only on purpose (`pardon`), above the serial that was revoked.
//  * An expiry in the past is allowed (expiry has to be testable) and warned about.
#pragma once

#include "base/rng.h"
#include "node/cli/ledger.h"

#include <optional>

namespace quorumor {

struct Admission {
  PublicKey key{};
  std::string name;
  std::optional<std::string> zone;                // nothing: as before, or none; empty: none
  std::optional<std::vector<std::string>> roles;  // nothing: as before, or none
  WallTime not_after;                             // whole seconds
  bool pardon = false;                            // although it was revoked
};

// The entry to put into the ledger, and to issue a credential from. Requires: a valid public key.
Fallible<LedgerEntry> plan_admission(const Ledger& ledger, const Admission& admission, WallTime now,
                                     Rng& rng);
// What is legal but probably not meant, a line each.
std::vector<std::string> admission_warnings(const LedgerEntry& entry, WallTime now);

}  // namespace quorumor
