#include "node/cli/admission.h"

#include "node/driver/suggest.h"
#include "node/cli/times.h"

#include <algorithm>

namespace quorumor {
namespace {

// The node's clock may be somewhat behind the authority's.
constexpr std::chrono::minutes kClockSlack{5};
constexpr std::chrono::hours kExpiredSpan{1};

constexpr const char* kNameRule = "1 to 64 characters of a-z, 0-9, '.', '_', '-'";

std::optional<Failure> check_words(const Admission& a) {
  if (!is_valid_name(a.name)) return misuse("--name '" + a.name + "' is no name; it takes " + kNameRule);
  if (a.zone && !a.zone->empty() && !is_valid_name(*a.zone)) {
    return misuse("--zone '" + *a.zone + "' is no zone; it takes " + kNameRule);
  }
  if (!a.roles) return std::nullopt;
  if (a.roles->size() > kRolesMax)
    return misuse("a node has at most " + std::to_string(kRolesMax) + " roles");
  for (const std::string& role : *a.roles) {
    if (!is_valid_name(role)) return misuse("--role '" + role + "' is no role; it takes " + kNameRule);
    if (std::count(a.roles->begin(), a.roles->end(), role) > 1)
      return misuse("--role " + role + " is given twice");
  }
  return std::nullopt;
}

NodeId new_id(const Ledger& ledger, Rng& rng) {
  NodeId id;
  do {
    rng.fill(id);
  } while (ledger.has_prefix_of(id));
  return id;
}

std::optional<Failure> check_binding(const LedgerEntry* by_name, const LedgerEntry* by_key,
                                     const Admission& a) {
  if (by_name != nullptr && by_name->identity != a.key) {
    return fail("the name '" + a.name + "' belongs to another key (id " + to_hex(by_name->id) +
                "); give this node another --name, or restore the identity file that the name was given to");
  }
  if (by_key != nullptr && by_key->name != a.name) {
    return fail("this node's key is admitted already, as '" + by_key->name + "'; renew it with --name " +
                by_key->name + ", or make a second node with `quorumor node init` in another directory");
  }
  return std::nullopt;
}

}  // namespace

Fallible<LedgerEntry> plan_admission(const Ledger& ledger, const Admission& a, WallTime now, Rng& rng) {
  if (const auto problem = check_words(a)) return *problem;
  const std::int64_t now_seconds = unix_seconds(now);
  const std::int64_t not_after = unix_seconds(a.not_after);
  if (now_seconds < 0) return fail("the clock is before 1970; set it right");
  if (not_after < 1 || not_after > kLatestSecond) return misuse("the expiry is outside 1970 to 9999");

  const LedgerEntry* known = ledger.find_key(a.key);
  if (const auto problem = check_binding(ledger.find_name(a.name), known, a)) return *problem;
  if (known == nullptr && ledger.entries().size() >= kLedgerEntriesMax) {
    return fail("the ledger is full (" + std::to_string(kLedgerEntriesMax) +
                " nodes); use another cluster label");
  }

  const Revocation* revoked = known == nullptr ? nullptr : ledger.find_revocation(known->id);
  if (known != nullptr && ledger.is_revoked(*known) && !a.pardon) {
    return fail("'" + a.name + "' was revoked at " + format_time(revoked->at) +
                (revoked->reason.empty() ? "" : " (" + revoked->reason + ")") +
                "; admit the machine under another name and key, or take the revocation back with --renew " + a.name +
                " --pardon");
  }

  LedgerEntry out = known != nullptr ? *known : LedgerEntry{};
  out.id = known != nullptr ? known->id : new_id(ledger, rng);
  out.identity = a.key;
  out.name = a.name;
  if (a.zone) out.zone = *a.zone;
  if (a.roles) out.roles = *a.roles;
  const auto after_known = out.serial.next();  // a new entry's serial is 0
  if (!after_known)
    return fail("the serials of '" + a.name + "' are used up; admit it under another name and key");
  out.serial = std::max(*after_known, Serial{static_cast<std::uint64_t>(now_seconds)});
  if (revoked != nullptr) {
    const auto after_revoked = revoked->serial.next();
    if (!after_revoked) return fail("the serials of '" + a.name + "' are all revoked; use another name and key");
    out.serial = std::max(out.serial, *after_revoked);
  }
  const WallTime begin = not_after <= now_seconds ? wall_from_seconds(not_after) - kExpiredSpan
                                                  : wall_from_seconds(now_seconds) - kClockSlack;
  out.not_before = std::max(begin, WallTime{});
  out.not_after = a.not_after;
  return out;
}

std::vector<std::string> admission_warnings(const LedgerEntry& entry, WallTime now) {
  std::vector<std::string> out;
  if (entry.not_after <= now) {
    out.push_back("the credential expires in the past (" + format_time(entry.not_after) +
                  "): other nodes refuse it, with an hour's tolerance for their clocks");
  }
  for (const std::string& role : entry.roles) {
    const bool is_nearly = suggest(role, {std::string(kKeymasterRole)}).has_value();
    if (role != kKeymasterRole && is_nearly) {
      out.push_back("the role '" + role + "' means nothing to quorumor; did you mean '" +
                    std::string(kKeymasterRole) + "'?");
    }
  }
  return out;
}

}  // namespace quorumor
