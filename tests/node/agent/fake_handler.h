// A stand-in for the agent behind the admin API: remembers what it was asked.
#pragma once

#include "node/agent/admin_api.h"

#include <functional>

namespace quorumor {

struct FakeHandler final : AdminHandler {
  std::string members() override { return members_json; }
  std::string status() override { return R"({"joined":true})"; }
  std::string metrics() override { return "quorumor_joined 1"; }
  Fallible<std::string> why(std::string_view member) override {
    asked = member;
    if (member == "nobody") return fail("this node knows no member 'nobody'");
    return std::string(R"({"name":"n1"})");
  }
  void join(std::vector<std::string> endpoints) override { joined = std::move(endpoints); }
  void leave() override {
    ++leaves;
    if (on_leave) on_leave();
  }

  Fallible<void> broadcast(const EventOrder& order) override {
    if (refusal) return *refusal;
    events.push_back(order);
    return success();
  }

  Fallible<void> revoke(Bytes record) override { return take(revoked, record); }
  Fallible<void> force_leave(Bytes record) override { return take(forced, record); }
  Fallible<void> endorse(const std::vector<ByteVector>& records) override {
    endorsed = records;
    return success();
  }
  std::string keys() override { return R"({"epochs":[]})"; }
  Fallible<Epoch> rotate(const RotateOptions& options) override {
    if (refusal) return *refusal;
    rotated = options;
    return Epoch{2};
  }
  Fallible<void> retire(Epoch through) override {
    if (refusal) return *refusal;
    retired = through;
    return success();
  }
  Fallible<std::string> renew() override {
    if (refusal) return *refusal;
    return std::string(R"({"serial":"7"})");
  }
  Fallible<void> take(ByteVector& into, Bytes record) {
    if (refusal) return *refusal;
    into = to_vector(record);
    return success();
  }

  std::string members_json = "[]";
  ByteVector revoked, forced;
  std::vector<ByteVector> endorsed;
  std::optional<RotateOptions> rotated;
  Epoch retired;
  std::vector<EventOrder> events;
  std::optional<Failure> refusal;
  std::vector<std::string> joined;
  std::string asked;  // why
  int leaves = 0;
  std::function<void()> on_leave;
};

inline Event some_event(std::string reason = {}) {
  Event out;
  out.kind = Event::Kind::member_alive;
  out.id.fill(std::byte{1});
  out.name = "n1";
  out.reason = std::move(reason);
  return out;
}

}  // namespace quorumor
