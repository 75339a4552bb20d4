#include "node/agent/keys_json.h"

#include "node/agent/orders_json.h"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

using namespace quorumor;
using namespace std::chrono_literals;

namespace {

KeysReport report() {
  KeysReport out;
  EpochView old;
  old.epoch = Epoch{~std::uint64_t{0} - 1};
  old.signed_at = wall_from_seconds(1'800'000'000);
  old.has_key = true;
  old.holders = 5;
  EpochView fresh = old;
  fresh.epoch = Epoch{~std::uint64_t{0}};
  fresh.is_newest = true;
  fresh.signed_at += 10s;
  fresh.holders = 4;
  fresh.users = 3;
  fresh.commitment = 0x0102030405060708;
  fresh.parameters.suite = Suite::aes256_gcm;
  fresh.parameters.min_interval_s = 60;
  out.view.epochs = {old, fresh};
  out.view.alive = 5;
  out.view.keymaster = true;
  out.view.rotation_allowed_in = 45s;
  out.laggards = {"n5"};
  out.name_of = [](const NodeId&) { return std::string("n1"); };
  out.now = wall_from_seconds(1'800'000'025);
  return out;
}

boost::json::object parsed(const KeysReport& r) { return boost::json::parse(keys_json(r)).as_object(); }

}  // namespace

TEST_CASE("epochs: numbers of 64 bits as text, states, who holds and who lags; no key anywhere") {
  const auto out = parsed(report());
  const auto& fresh = out.at("epochs").at(1).as_object();
  CHECK(fresh.at("epoch") == "18446744073709551615");
  CHECK(fresh.at("commitment") == "0807060504030201");
  CHECK(fresh.at("state") == "newest");
  CHECK(fresh.at("suite") == "aes-256-gcm");
  CHECK(fresh.at("age_ms") == 15'000);
  CHECK(fresh.at("holders") == 4);
  CHECK(fresh.at("users") == 3);
  CHECK(out.at("epochs").at(0).at("state") == "live");
  CHECK(out.at("laggards").at(0) == "n5");
  CHECK(out.at("rotation_allowed_in_ms") == 45'000);
  CHECK(out.at("retirement").is_null());
  CHECK(out.at("rotates_in_ms").is_null());
}

TEST_CASE("retired, announced without a key, a retirement that waits") {
  KeysReport r = report();
  r.view.epochs[0].is_retired = true;
  r.view.epochs[1].has_key = false;
  r.view.epochs[1].is_newest = false;
  RetirementView retirement;
  retirement.through = Epoch{7};
  retirement.acked = 1;
  retirement.needed = 3;
  r.view.retirement = retirement;
  r.view.rotates_in = 90s;
  const auto out = parsed(r);
  CHECK(out.at("epochs").at(0).at("state") == "retired");
  CHECK(out.at("epochs").at(1).at("state") == "announced");
  CHECK(out.at("retirement").at("through") == "7");
  CHECK(out.at("retirement").at("needed") == 3);
  CHECK(out.at("rotates_in_ms") == 90'000);
}

TEST_CASE("what a rotation changes, as configuration files write it") {
  CHECK(!parse_rotate("").value().suite);
  CHECK(!parse_rotate("{}").value().beta_ppm);
  const auto all = parse_rotate(
      R"({"suite":"aes-256-gcm","beta":"0.2","epsilon":"1e-6","defense":false,"epoch_interval_min":"5s"})");
  REQUIRE(all.has_value());
  CHECK(all.value().suite == Suite::aes256_gcm);
  CHECK(all.value().beta_ppm == 200'000U);
  CHECK(all.value().epsilon_exponent == std::uint8_t{6});
  CHECK(all.value().defense == false);
  CHECK(all.value().min_interval_s == 5U);
  for (const char* wrong : {"[]", "nothing", R"({"suite":"rot13"})", R"({"beta":0.1})", R"({"beta":"0.9"})", R"({"key":"x"})",
                            R"({"defense":"yes"})", R"({"epoch_interval_min":"0s"})"}) {
    CAPTURE(wrong);
    const auto refused = parse_rotate(wrong);
    REQUIRE(!refused.has_value());
    CHECK(refused.error().usage);
  }
}

TEST_CASE("which epoch to retire, and which record to take") {
  CHECK(parse_retire(R"({"through":"18446744073709551615"})").value() == Epoch{~std::uint64_t{0}});
  for (const char* wrong : {"{}", R"({"through":4})", R"({"through":"0"})", R"({"through":"4x"})", R"({"through":""})",
                            R"({"through":"18446744073709551616"})", R"({"through":"4","more":1})"}) {
    CAPTURE(wrong);
    CHECK(!parse_retire(wrong).has_value());
  }
  const ByteVector record(5, std::byte{0xab});
  CHECK(parse_order(order_json({record})).value().record == record);
  CHECK(parse_order(order_json({record})).value().endorsements.empty());
  const std::vector<ByteVector> endorsements(4, ByteVector(3, std::byte{0xed}));
  CHECK(parse_order(order_json({record, endorsements})).value().endorsements == endorsements);
  for (const char* wrong : {"{}", R"({"record":""})", R"({"record":"abc"})", R"({"record":"zz"})", R"({"record":1})",
                            R"({"record":"ab","more":1})", R"({"record":"ab","endorsements":[]})",
                            R"({"record":"ab","endorsements":"ab"})", R"({"record":"ab","endorsements":[1]})",
                            R"({"record":"ab","endorsements":["zz"]})", R"({"record":"ab","endorsements":[""]})",
                            R"({"record":"ab","endorsements":["ab","ab","ab","ab","ab"]})",
                            R"({"endorsements":["ab"]})", R"({"record":"ab","endorsements":["ab"],"more":1})"}) {
    CAPTURE(wrong);
    CHECK(!parse_order(wrong).has_value());
  }
}
