#include "node/cli/rotation.h"

#include "node/cli/admin_client.h"
#include "node/cli/json_fields.h"
#include "node/cli/table.h"
#include "node/driver/file.h"

#include <boost/json/serialize.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <thread>

namespace quorumor {
namespace {

namespace json = boost::json;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{100};
constexpr std::chrono::milliseconds kClockStep{5};

const json::object* find_epoch(const json::object& keys, const std::string& epoch) {
  for (const json::value& e : inner_array(keys, "epochs")) {
    if (e.is_object() && text(e.get_object(), "epoch") == epoch) return &e.get_object();
  }
  return nullptr;
}

std::string waits_for(const json::object& keys) {
  const std::string names = list(keys, "laggards");
  return names.empty() || names == "-" ? "" : "; waits for " + names;
}

class Rotation {
 public:
  explicit Rotation(const RotationOrder& order) : o_(order) {}

  Fallible<json::object> run() {
    BOOST_OUTCOME_TRYV(wait_for_interval());
    begun_ = Steady::now();
    BOOST_OUTCOME_TRY(const auto body, ask_agent(o_.dir, "POST", "/v1/keys/rotate", o_.body));
    BOOST_OUTCOME_TRY(const auto answer, parse_json(body));
    if (!answer.is_object()) return fail("the agent's answer is not understood; `quorumor keys status` tells more");
    epoch_ = text(answer.get_object(), "epoch");
    BOOST_OUTCOME_TRYV(wait_for_holders());
    out_["seconds"] = std::chrono::duration<double>(Steady::now() - begun_).count();
    if (!o_.keep) {
      BOOST_OUTCOME_TRYV(retire());
    }
    return std::move(out_);
  }

 private:
  std::string hint() const { return "; see `quorumor keys status --dir " + shell_word(o_.dir) + "`"; }

  Fallible<json::object> look() {
    BOOST_OUTCOME_TRY(auto keys, ask_keys(o_.dir));
    const json::object* own = find_epoch(keys, epoch_);
    if (own != nullptr && !o_.quiet) {
      live_.show(keys_text(keys), "epoch " + epoch_ + ": " + text(*own, "holders") + " of " + text(keys, "alive") +
                                      " hold it, " + text(*own, "users") + " others use it" + waits_for(keys) + "\n");
    }
    return keys;
  }

  Fallible<void> wait_for_interval() {
    const auto give_up = Steady::now() + o_.timeout;
    for (;;) {
      BOOST_OUTCOME_TRY(const auto keys, ask_keys(o_.dir));
      const auto wait = std::chrono::milliseconds(number(keys, "rotation_allowed_in_ms"));
      if (wait.count() <= 0 || !is_true(keys, "keymaster")) return success();  // the agent says why it refuses
      if (!o_.patient || Steady::now() + wait > give_up) {
        return fail("the newest epoch is younger than the cluster's minimum interval; rotate in " +
                    format_age(wait.count() + 999) + " (a rotation may change that: --epoch-interval-min)");
      }
      // A little longer: clocks are set back by a millisecond now and then.
      std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(wait + kClockStep, std::chrono::seconds{1}));
    }
  }

  Fallible<void> wait_for_holders() {
    const auto give_up = Steady::now() + o_.timeout;
    for (;; std::this_thread::sleep_for(kPoll)) {
      BOOST_OUTCOME_TRY(const auto keys, look());
      const json::object* own = find_epoch(keys, epoch_);
      if (own == nullptr) return fail("epoch " + epoch_ + " has given way to another rotation's" + hint());
      const auto holders = number(*own, "holders");
      out_["epoch"] = epoch_;
      out_["holders"] = holders;
      out_["alive"] = number(keys, "alive");
      if (holders >= number(keys, "alive")) return success();
      if (Steady::now() < give_up) continue;
      return fail("not every alive member holds epoch " + epoch_ + " in time: " + text(*own, "holders") + " of " +
                  text(keys, "alive") + waits_for(keys) +
                  ". It is in use where it is held and no older epoch is retired, so nothing is lost; go on with "
                  "`quorumor keys retire`" + hint());
    }
  }

  // Whatever is older than this rotation's epoch and not yet retired.
  Fallible<void> retire() {
    const std::uint64_t through = number<std::uint64_t>(out_, "epoch") - 1;
    out_["retired_through"] = std::to_string(through);
    const auto give_up = Steady::now() + o_.timeout;
    bool announced = false;
    for (;; std::this_thread::sleep_for(kPoll)) {
      BOOST_OUTCOME_TRY(const auto keys, look());
      if (number<std::uint64_t>(keys, "retired_floor") >= through) return success();
      if (!announced) {
        const std::string body = "{\"through\":\"" + std::to_string(through) + "\"}";
        BOOST_OUTCOME_TRYV(ask_agent(o_.dir, "POST", "/v1/keys/retire", body));
        announced = true;
      }
      if (Steady::now() < give_up) continue;
      return fail("epoch " + epoch_ + " is held by all, and the older ones' retirement is announced, but this node "
                  "does not obey it yet: too few members have answered it under the new key" + hint());
    }
  }

  const RotationOrder& o_;
  LiveText live_;
  std::string epoch_;
  Steady::time_point begun_;
  json::object out_;
};

}  // namespace

void LiveText::show(const std::string& block, const std::string& line) {
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  const std::string& text = is_terminal ? block : line;
  if (text == last_) return;
  last_ = text;
  if (is_terminal && lines_ > 0) std::printf("\x1b[%zuA\x1b[J", lines_);
  lines_ = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  static_cast<void>(std::fputs(text.c_str(), stdout));
  static_cast<void>(std::fflush(stdout));
}

Fallible<json::object> ask_keys(const std::string& dir) {
  BOOST_OUTCOME_TRY(const auto body, ask_agent(dir, "GET", "/v1/keys"));
  BOOST_OUTCOME_TRY(auto value, parse_json(body));
  if (!value.is_object()) return fail("the agent of " + dir + " answered something else; is it of another version?");
  return std::move(value.get_object());
}

std::string keys_text(const json::object& keys) {
  std::vector<Row> rows;
  const std::string alive = text(keys, "alive");
  for (const json::value& value : inner_array(keys, "epochs")) {
    if (!value.is_object()) continue;
    const json::object& e = value.get_object();
    rows.push_back({text(e, "epoch"), text(e, "state"), format_age(number(e, "age_ms")),
                    text(e, "holders") + " of " + alive, text(e, "users"), text(e, "suite"), text(e, "signer")});
  }
  std::string out = rows.empty() ? "This node holds no epoch yet.\n"
                                 : render_table({"EPOCH", "STATE", "AGE", "HELD BY", "USED BY", "SUITE", "SIGNED BY"},
                                                rows);
  const std::string names = list(keys, "laggards");
  if (!names.empty() && names != "-") out += "lacks the newest: " + printable(names) + "\n";
  if (!is_null(keys, "retirement")) {
    const json::object& r = inner(keys, "retirement");
    out += "retirement through " + text(r, "through") + " is announced; here it waits for " +
           (is_true(r, "newer_key") ? "answers under a newer key: " + text(r, "acked") + " of " + text(r, "needed")
                                    : "a newer key") +
           "\n";
  }
  if (!is_null(keys, "rotates_in_ms")) {
    out += "this node rotates by itself in " + format_age(number(keys, "rotates_in_ms")) + "\n";
  }
  return out;
}

Fallible<json::object> run_rotation(const RotationOrder& order) { return Rotation(order).run(); }

}  // namespace quorumor
