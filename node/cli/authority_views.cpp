#include "node/cli/answer.h"
#include "node/cli/authority_commands.h"
#include "node/cli/path_option.h"
#include "node/cli/table.h"
#include "node/cli/times.h"

#include <boost/json/value.hpp>

#include <algorithm>

namespace quorumor {
namespace {

namespace json = boost::json;

struct Options {
  std::string authority;
  bool json = false;
};

const char* validity_of(const Ledger& ledger, const LedgerEntry& e, WallTime now) {
  if (ledger.is_revoked(e)) return "revoked";
  return e.not_after < now ? "expired" : "valid";
}

json::object member_json(const Ledger& ledger, const LedgerEntry& e, WallTime now) {
  json::object out;
  out["id"] = to_hex(e.id);
  out["name"] = e.name;
  out["zone"] = e.zone;
  out["roles"] = to_array(e.roles);
  out["key"] = to_hex(e.identity);
  out["serial"] = std::to_string(e.serial.value);
  out["not_before"] = format_time(e.not_before);
  out["not_after"] = format_time(e.not_after);
  out["validity"] = validity_of(ledger, e, now);
  return out;
}

json::object revocation_json(const Ledger& ledger, const Revocation& r) {
  const LedgerEntry* entry = ledger.find_id(r.id);
  json::object out;
  out["id"] = to_hex(r.id);
  out["name"] = entry != nullptr ? entry->name : "";
  out["serial"] = std::to_string(r.serial.value);
  out["at"] = format_time(r.at);
  out["reason"] = r.reason;
  out["pardoned"] = entry != nullptr && !ledger.is_revoked(*entry);
  return out;
}

std::string zone_and_roles(const LedgerEntry& e) {
  std::string out = e.zone.empty() ? "" : "zone " + e.zone;
  for (const std::string& role : e.roles) out += (out.empty() ? "" : ", ") + role;
  return out;
}

json::array members_json(const Ledger& ledger, WallTime now) {
  json::array out;
  for (const LedgerEntry& e : ledger.entries()) out.push_back(member_json(ledger, e, now));
  return out;
}

Fallible<int> show_authority(const Options& o) {
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  BOOST_OUTCOME_TRY(const bool sealed, authority.is_sealed());
  BOOST_OUTCOME_TRY(const auto ledger, authority.ledger());
  const WallTime now = wall_now();
  json::object out;
  describe(out, authority);
  out["sealed"] = sealed;
  std::string text = "label       " + authority.label() + "\ncluster id  " + to_hex(authority.cluster()) +
                     "\npublic key  " + to_hex(authority.public_key()) +
                     (authority.is_standby() ? "\nstandby of  " + to_hex(authority.root()) : "") + "\nkey file    " +
                     (sealed ? "sealed with a passphrase" : "not sealed") + "\nmembers     " +
                     std::to_string(ledger.entries().size()) + "\n";
  std::vector<Row> rows;
  for (const LedgerEntry& e : ledger.entries()) {
    rows.push_back({e.name, to_hex(e.id), format_time(e.not_after), validity_of(ledger, e, now), zone_and_roles(e)});
  }
  if (!rows.empty()) text += "\n" + render_table({"NAME", "ID", "VALID UNTIL", "VALIDITY", "ZONE, ROLES"}, rows);
  out["members"] = members_json(ledger, now);
  return print_answer(o.json, text, out);
}

Fallible<int> list_members(const Options& o) {
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  BOOST_OUTCOME_TRY(const auto ledger, authority.ledger());
  const WallTime now = wall_now();
  json::object out;
  out["members"] = members_json(ledger, now);
  json::array revocations;
  for (const Revocation& r : ledger.revocations()) revocations.push_back(revocation_json(ledger, r));
  out["revocations"] = std::move(revocations);

  std::vector<Row> rows;
  for (const LedgerEntry& e : ledger.entries()) {
    const Revocation* r = ledger.find_revocation(e.id);
    std::string revoked = r == nullptr ? "" : format_time(r->at) + (r->reason.empty() ? "" : " (" + r->reason + ")");
    if (r != nullptr && !ledger.is_revoked(e)) revoked += ", pardoned";
    rows.push_back({e.name, to_hex(e.id), std::to_string(e.serial.value), format_time(e.not_after), revoked});
  }
  for (const Revocation& r : ledger.revocations()) {
    if (ledger.find_id(r.id) != nullptr) continue;
    rows.push_back({"?", to_hex(r.id), "", "", format_time(r.at) + " (" + r.reason + ")"});
  }
  const std::string text = rows.empty() ? "This authority has admitted nobody yet.\n"
                                        : render_table({"NAME", "ID", "SERIAL", "VALID UNTIL", "REVOKED"}, rows);
  return print_answer(o.json, text, out);
}

template <class Run>
void add_view(CLI::App* group, Chosen& chosen, const char* name, const char* help, Run run) {
  auto* c = group->add_subcommand(name, help);
  const auto o = std::make_shared<Options>();
  add_path(c, "--authority", o->authority, "The authority's directory")->required();
  add_authority_common(c, o, chosen, [run](const Options& options) { return finish(run(options)); });
}

}  // namespace

void describe(json::object& out, const AuthorityDirectory& authority) {
  out["label"] = authority.label();
  out["cluster"] = to_hex(authority.cluster());
  out["key"] = to_hex(authority.public_key());
  if (authority.is_standby()) out["standby_of"] = to_hex(authority.root());
}

void add_authority_views(CLI::App* group, Chosen& chosen) {
  add_view(group, chosen, "show", "Label, cluster id, public key, and whom it admitted", show_authority);
  add_view(group, chosen, "list", "Whom it admitted and whom it revoked: name, id, serial, expiry", list_members);
}

}  // namespace quorumor
