#include "node/cli/answer.h"
#include "node/cli/authority_commands.h"
#include "node/cli/number_option.h"
#include "node/driver/passphrase_source.h"
#include "node/cli/path_option.h"
#include "node/cli/times.h"

#include <boost/json/value.hpp>

namespace quorumor {
namespace {

namespace json = boost::json;

struct Options {
  std::string authority, member, reason, out, passphrase_file;
  std::uint64_t generation = 0;
  bool json = false;
};

// A mistyped --out must not destroy anything: only an older order is replaced.
Fallible<void> check_place(const std::string& path) {
  if (!may_exist(path)) return success();
  BOOST_OUTCOME_TRY(const auto bytes, read_file(path, kAuthorityRecordMax, Privacy::open));
  if (!bytes || decode_record(*bytes, path)) return success();
  return fail(path + " exists and is no authority's order; give --out another name");
}

Fallible<SigningKey> open_key(const AuthorityDirectory& authority, const Options& o) {
  BOOST_OUTCOME_TRY(const auto passphrase, read_passphrase({o.passphrase_file, {}}));
  return authority.key(passphrase);
}

Fallible<void> write_order(const Options& o, const AuthorityRecord& record) {
  return write_file_atomically(o.out, encode_record(record), Privacy::open);
}

Fallible<int> revoke(const Options& o) {
  if (!is_valid_reason(o.reason)) return misuse("--reason takes at most " + std::to_string(limits::kRevocationReason) +
                                                " printable ASCII characters: every node keeps and shows it");
  BOOST_OUTCOME_TRYV(check_place(o.out));
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  BOOST_OUTCOME_TRY(const auto id, authority.find_member(o.member));
  BOOST_OUTCOME_TRY(const auto key, open_key(authority, o));
  BOOST_OUTCOME_TRY(const auto record, authority.revoke(id, o.reason, key, wall_now()));
  BOOST_OUTCOME_TRYV(write_order(o, record));
  const Revocation& revocation = std::get<Revocation>(record.what);
  json::object out;
  out["id"] = to_hex(id);
  out["serial"] = std::to_string(revocation.serial.value);
  out["at"] = format_time(revocation.at);
  out["reason"] = revocation.reason;
  out["order"] = o.out;
  return print_answer(o.json,
                      "Revoked " + o.member + " (" + to_hex(id) + "), serials up to " +
                          std::to_string(revocation.serial.value) + ".\nWrote " + o.out +
                          " (no secret); hand it to any running node of the cluster:\n  quorumor revoke " +
                          shell_word(o.out) +
                          " --dir NODEDIR\nThen rotate, so that what it knows is worth nothing:\n  quorumor keys rotate"
                          " --dir NODEDIR\n",
                      out);
}

Fallible<int> force_leave(const Options& o) {
  BOOST_OUTCOME_TRYV(check_place(o.out));
  BOOST_OUTCOME_TRY(const auto authority, AuthorityDirectory::open(o.authority));
  BOOST_OUTCOME_TRY(const auto id, authority.find_member(o.member));
  BOOST_OUTCOME_TRY(const auto key, open_key(authority, o));
  const ForceLeave order{id, Generation{o.generation}, wall_from_seconds(unix_seconds(wall_now()))};
  if (!is_valid(order)) return fail("the clock is outside 1970 to 2200; set it right");
  BOOST_OUTCOME_TRYV(write_order(o, authority.sign(key, order)));
  json::object out;
  out["id"] = to_hex(id);
  out["generation"] = std::to_string(o.generation);
  out["order"] = o.out;
  return print_answer(o.json,
                      "Wrote " + o.out + ": generation " + std::to_string(o.generation) + " of " + o.member +
                          " counts as left. Hand it to any running node:\n  quorumor force-leave " + shell_word(o.out) +
                          " --dir NODEDIR\n",
                      out);
}

void add_places(CLI::App* c, Options& o) {
  c->add_option("NAME", o.member, "The member's name, or its id")->required();
  add_path(c, "--authority", o.authority, "The authority's directory")->required();
  add_path(c, "--out", o.out, "Where to write the signed order")->required();
  add_path(c, "--passphrase-file", o.passphrase_file, "Opens a sealed key ('-': standard input)");
}

}  // namespace

void add_authority_orders(CLI::App* group, Chosen& chosen) {
  auto* c = group->add_subcommand("revoke", "Order that a member is refused for ever, by every node");
  auto o = std::make_shared<Options>();
  add_places(c, *o);
  c->add_option("--reason", o->reason, "Why; every node keeps it")->required();
  c->footer("Example:\n  quorumor authority revoke n2 --reason stolen --authority ~/authority --out n2.revoked");
  add_authority_common(c, o, chosen, [](const Options& options) { return finish(revoke(options)); });

  c = group->add_subcommand("force-leave", "Order that a crashed process of a member counts as left");
  o = std::make_shared<Options>();
  add_places(c, *o);
  c->add_option("--generation", o->generation, "Its generation, as `quorumor members --json` shows it")->required()
      ->check(whole_number());
  c->footer("Example:\n  quorumor authority force-leave n2 --generation 117653645279101907 --authority ~/authority "
            "--out n2.left");
  add_authority_common(c, o, chosen, [](const Options& options) { return finish(force_leave(options)); });
}

}  // namespace quorumor
