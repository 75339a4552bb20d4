#include "node/agent/why_json.h"

#include "membership/precedence.h"
#include "node/agent/admin_json.h"
#include "node/agent/json_values.h"
#include "node/driver/suggest.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace quorumor {

namespace json = boost::json;

namespace {

class Writer {
 public:
  explicit Writer(WallTime at) : at_(at) {}

  void age(json::object& out, const std::string& key, std::optional<Duration> age) const {
    if (!age) {
      out[key] = nullptr;
      out[key + "_ms"] = nullptr;
      return;
    }
    out[key] = json_text(rfc3339(at_ - std::chrono::duration_cast<std::chrono::milliseconds>(*age)));
    out[key + "_ms"] = to_ms(*age);
  }

  json::array history(const Explanation& e) const {
    json::array all;
    for (const Explanation::Past& p : e.history) {
      json::object out;
      age(out, "time", p.age);
      out["state"] = to_string(p.state);
      out["reason"] = json_text(p.reason);
      all.push_back(std::move(out));
    }
    return all;
  }

  json::array accusers(const Explanation& e) const {
    json::array all;
    for (const Explanation::Accuser& a : e.accusers) {
      json::object out;
      out["id"] = json_text(to_hex(a.id));
      out["name"] = json_text(a.name);
      out["self"] = a.self;
      out["generation"] = json_u64(a.generation.value);
      json::array ranks;
      for (const Explanation::Rank& r : a.ranks) {
        json::object rank;
        rank["epoch"] = json_u64(r.epoch.value);
        rank["rank"] = r.rank ? json::value(*r.rank) : json::value(nullptr);
        ranks.push_back(std::move(rank));
      }
      out["ranks"] = std::move(ranks);
      age(out, "heard", a.heard);
      out["counts"] = a.weight == Weight::counts;
      out["why_not"] = a.weight == Weight::counts ? json::value(nullptr) : json::value(to_string(a.weight));
      out["muted"] = a.muted;
      out["refuted"] = a.refuted;
      all.push_back(std::move(out));
    }
    return all;
  }

  json::value window(const Explanation& e) const {
    if (!e.window) return nullptr;
    json::object out;
    age(out, "began", e.window->began);
    age(out, "ends", -e.window->ends_in);  // ends_ms is negative while it is still to come
    out["over"] = e.window->over;
    out["deferrals"] = e.window->deferrals;
    out["deferrals_most"] = Doubt::kDeferralsMost;
    return out;
  }

 private:
  WallTime at_;
};

json::array silent_json(const Explanation& e) {
  json::array all;
  for (const Explanation::Observer& o : e.silent) {
    json::object out;
    out["id"] = json_text(to_hex(o.id));
    out["name"] = json_text(o.name);
    out["state"] = to_string(o.state);
    out["self"] = o.self;
    all.push_back(std::move(out));
  }
  return all;
}

json::array muted_json(const Explanation& e) {
  json::array all;
  for (const Explanation::Muted& m : e.muted) {
    json::object out;
    out["id"] = json_text(to_hex(m.id));
    out["name"] = json_text(m.name);
    out["refuted"] = m.refuted;
    all.push_back(std::move(out));
  }
  return all;
}

json::object verdict_json(const Explanation& e) {
  json::object out;
  out["counting"] = e.tally.counting;
  out["needed"] = e.tally.needed;
  out["suspected"] = e.tally.suspected;
  out["condemned"] = e.tally.condemned;
  out["quorum"] = e.tally.quorum;
  return out;
}

}  // namespace

std::string why_json(const Explanation& e, WallTime at) {
  const Writer write(at);
  json::object out;
  out["id"] = json_text(to_hex(e.id));
  out["name"] = json_text(e.name);
  out["self"] = e.self;
  out["state"] = to_string(e.state);
  write.age(out, "since", e.since);
  out["serial"] = e.has_claim ? json::value(json_u64(e.coordinate.serial.value)) : json::value(nullptr);
  out["generation"] = e.has_claim ? json::value(json_u64(e.coordinate.generation.value)) : json::value(nullptr);
  out["incarnation"] = e.has_claim ? json::value(json_u64(e.coordinate.incarnation.value)) : json::value(nullptr);
  out["history"] = write.history(e);
  out["defense"] = e.defended;
  out["accusers"] = write.accusers(e);
  out["tally"] = verdict_json(e);
  out["silent_observers"] = silent_json(e);
  out["muted"] = muted_json(e);
  out["window"] = write.window(e);
  json::object look;
  look["result"] = to_string(e.look);
  write.age(look, "ended", e.look_ended);
  out["last_look"] = std::move(look);
  write.age(out, "last_heard", e.last_heard);
  out["round_trip_us"] = e.round_trip ? json::value(to_us(*e.round_trip)) : json::value(nullptr);
  out["phi"] = json_hundredths(e.phi);
  json::object declare;
  declare["allowed"] = e.may_declare;
  declare["synced_with"] = e.synced_with;
  declare["needed"] = e.syncs_needed;
  out["may_declare"] = std::move(declare);
  out["refutations"] = e.self ? json::value(json_u64(e.refutations)) : json::value(nullptr);
  json::array missing;
  for (const std::string& m : e.missing) missing.push_back(json_text(m));
  out["missing"] = std::move(missing);
  return json::serialize(out);
}

std::string no_such_member(std::string_view name, const std::vector<std::string>& names) {
  const auto near = suggest(name, names);
  return "this node knows no member '" + std::string(name) + "'" +
         (near ? "; did you mean '" + *near + "'?" : std::string("; `quorumor members` lists them"));
}

}  // namespace quorumor
