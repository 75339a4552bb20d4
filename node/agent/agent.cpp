#include "node/agent/agent.h"

#include "node/agent/admin_json.h"
#include "node/agent/admin_server.h"
#include "node/agent/admin_socket.h"
#include "node/agent/expiry_watch.h"
#include "node/agent/harden.h"
#include "node/agent/keys_json.h"
#include "node/agent/metrics.h"
#include "node/agent/seed_verdicts.h"
#include "node/agent/why_json.h"
#include "node/driver/clock.h"
#include "quorumor/version.h"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace quorumor {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;

constexpr int kDone = 0;
constexpr int kFailed = 1;
// Beside streams: UDP and TCP sockets, admin connections, files being written, the resolver's, the C library's.
constexpr std::size_t kDescriptorsBeside = 64;
constexpr Duration kLeaveSlack = 2s;  // beyond the core's own deadline: then the process ends anyway
constexpr auto kExpiryCheck = std::chrono::hours{1};

class Agent final : public AdminHandler {
 public:
  explicit Agent(const AgentOptions& options)
      : options_(options),
        directory_(options.runtime.directory.string()),
        log_(stderr, options.log_format, options.log_level),
        signals_(loop_),
        limit_timer_(loop_),
        leave_timer_(loop_),
        expiry_timer_(loop_),
        verdicts_(options.runtime.join) {}

  Fallible<void> start();
  int run();

  std::string members() override;
  std::string status() override { return status_json(view()); }
  std::string metrics() override { return metrics_text(view()); }
  Fallible<std::string> why(std::string_view member) override;
  void join(std::vector<std::string> endpoints) override;
  void leave() override { begin_leave("asked to leave by the admin API"); }
  Fallible<void> broadcast(const EventOrder& order) override {
    return runtime_->broadcast(order.name, order.payload, order.ttl);
  }
  Fallible<void> revoke(Bytes record) override { return runtime_->revoke(record); }
  Fallible<void> force_leave(Bytes record) override { return runtime_->force_leave(record); }
  Fallible<void> endorse(const std::vector<ByteVector>& records) override { return runtime_->endorse(records); }
  Fallible<std::string> renew() override;
  std::string keys() override;
  Fallible<Epoch> rotate(const RotateOptions& options) override;
  Fallible<void> retire(Epoch through) override;
  std::optional<Failure> no_keymaster() const;

 private:
  StatusView view() const;
  void on_event(const Event& event, WallTime at);
  void on_signal(int signal);
  void wait_for_signal();
  void begin_leave(const char* why);
  void give_up_if_refused();
  void end(int code);
  void finish();
  void note(LogLevel level, std::string_view key, const std::string& text, std::string_view member = {});
  void arm_limit_timer();
  void warn_of_expiry();
  void arm_expiry_timer();

  const AgentOptions& options_;
  std::string directory_;
  Clock clock_;
  Log log_;
  asio::io_context loop_{1};
  asio::signal_set signals_;
  asio::steady_timer limit_timer_;  // tells how many lines the log left out
  asio::steady_timer leave_timer_;
  asio::steady_timer expiry_timer_;
  ExpiryWatch expiry_watch_;
  EventRing events_;
  SeedVerdicts verdicts_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<AdminServer> server_;
  bool joined_ = false;
  bool leaving_ = false;
  bool limit_armed_ = false;
  std::optional<int> code_;  // set: the process is ending
};

void Agent::note(LogLevel level, std::string_view key, const std::string& text, std::string_view member) {
  log_.write(clock_.now(), level, key, text, member);
  arm_limit_timer();
}

void Agent::arm_limit_timer() {
  const auto due = log_.next_due();
  if (!due || limit_armed_) return;
  limit_armed_ = true;
  limit_timer_.expires_at(clock_.to_steady(*due));
  limit_timer_.async_wait([this](Error error) {
    if (error) return;
    limit_armed_ = false;
    log_.tell_suppressed(clock_.now());
    arm_limit_timer();
  });
}

Fallible<void> Agent::start() {
  const std::size_t descriptors = options_.runtime.config.streams_max + kDescriptorsBeside;
  BOOST_OUTCOME_TRY(harden_process(descriptors));
  BOOST_OUTCOME_TRY(const auto socket, admin_socket_path(options_.runtime.directory));
  const auto on_change = [this](const Event& event, WallTime at) { on_event(event, at); };
  const auto on_note = [this](const std::string& line) { note(LogLevel::info, "note", line); };
  const auto on_stop = [this](const Failure& why) {
    log_.write_last(LogLevel::error, "stop", why.message);
    end(kFailed);
  };
  BOOST_OUTCOME_TRY(auto runtime, Runtime::start(loop_, options_.runtime, on_change, on_note, on_stop));
  runtime_ = std::move(runtime);
  BOOST_OUTCOME_TRY(auto server, AdminServer::start(loop_, socket, *this, events_));
  server_ = std::move(server);

  Error error;
  signals_.add(SIGINT, error);
  if (!error) signals_.add(SIGTERM, error);
  if (error) return fail("cannot listen for signals: " + error.message());
  wait_for_signal();

  std::string where;
  for (const Endpoint& e : runtime_->listening()) where += (where.empty() ? "" : ", ") + e.to_string();
  note(LogLevel::info, "start",
       "quorumor " + std::string(kVersionText) + ": member " + runtime_->credential().name + " of " +
           runtime_->label() + " listens on " + where);
  arm_expiry_timer();
  warn_of_expiry();
  return success();
}

int Agent::run() {
  loop_.run();
  server_.reset();
  runtime_->close();
  return code_.value_or(kDone);
}

void Agent::wait_for_signal() {
  signals_.async_wait([this](Error error, int signal) {
    if (!error) on_signal(signal);
  });
}

void Agent::on_signal(int signal) {
  if (leaving_ || code_) {
    log_.write_last(LogLevel::warning, "signal", "second signal: ends without waiting for the leave");
    code_ = kFailed;
    return loop_.stop();
  }
  begin_leave(signal == SIGINT ? "interrupted: leaves the cluster; a second signal ends at once"
                               : "terminated: leaves the cluster; a second signal ends at once");
  wait_for_signal();
}

void Agent::begin_leave(const char* why) {
  if (leaving_ || code_) return;
  leaving_ = true;
  note(LogLevel::info, "leaving", why);
  leave_timer_.expires_after(options_.runtime.config.leave_linger + kLeaveSlack);
  leave_timer_.async_wait([this](Error error) {
    if (error) return;
    note(LogLevel::warning, "leaving", "the leave was not done in time; ends anyway: others will see a failure");
    end(kDone);
  });
  runtime_->leave();
}

// Often called from inside the runtime, which must not be closed there: so the end is posted.
void Agent::end(int code) {
  if (code_) return;
  code_ = code;
  leave_timer_.cancel();
  expiry_timer_.cancel();
  asio::post(loop_, [this] { finish(); });
}

// In this order: whoever follows the events and sees their end may start the next agent at once.
void Agent::finish() {
  if (!server_) return loop_.stop();
  server_->stop_accepting();
  runtime_->close();
  server_->finish([this] { loop_.stop(); });
}

void Agent::on_event(const Event& event, WallTime at) {
  using Kind = Event::Kind;
  events_.add(at, event);
  const Sentence sentence = describe(event, {directory_, runtime_ ? runtime_->credential().name : std::string()});
  bool is_news = true;
  if (event.kind == Kind::join_refused) is_news = verdicts_.refused(event.endpoint, event.refusal);
  if (event.kind == Kind::join_failed) is_news = verdicts_.failed(event.endpoint);
  note(is_news ? sentence.level : LogLevel::debug, event_name(event.kind), sentence.text, event.name);
  if (server_) server_->announce();
  if (event.kind == Kind::joined) joined_ = true;
  if (event.kind == Kind::join_refused) give_up_if_refused();
  if (event.kind == Kind::clone_alarm || event.kind == Kind::revoked) end(kFailed);
  if (event.kind == Kind::left) end(kDone);
}

// With a ring this node has been a member before: others may still know it, and dial it.
void Agent::give_up_if_refused() {
  if (code_ || joined_ || !runtime_ || !runtime_->core().ring().entries().empty()) return;
  if (!verdicts_.all_refused()) return;
  log_.write_last(LogLevel::error, "refused", "every configured seed has refused this node for good; it ends");
  end(kFailed);
}

void Agent::warn_of_expiry() {
  const Credential& credential = runtime_->credential();
  const WallTime now = runtime_->wall_now();
  if (!expiry_watch_.look(credential.not_after, now)) return;
  note(LogLevel::warning, "credential",
       "this node's credential " + expiry_phrase(credential.not_after, now) +
           "; ask your authority to renew it: " + renewal_advice({directory_, credential.name}));
}

void Agent::arm_expiry_timer() {
  expiry_timer_.expires_after(kExpiryCheck);
  expiry_timer_.async_wait([this](Error error) {
    if (error) return;
    warn_of_expiry();
    arm_expiry_timer();
  });
}

// --- admin API -------------------------------------------------------------------------------------------------------

std::string Agent::members() {
  MembersJson out(runtime_->now());
  runtime_->core().for_each_member([&out](const MemberView& member) { out.add(member); });
  return std::move(out).finish();
}

Fallible<std::string> Agent::why(std::string_view member) {
  const NodeCore& core = runtime_->core();
  if (const auto e = core.explain(runtime_->now(), member)) return why_json(*e, runtime_->wall_now());
  std::vector<std::string> names;
  core.for_each_member([&names](const MemberView& m) { names.emplace_back(m.name); });
  return fail(no_such_member(member, names));
}

std::string Agent::keys() {
  const NodeCore& core = runtime_->core();
  KeysReport out;
  out.view = core.keys();
  for (const EpochView& e : out.view.epochs) {
    if (e.is_newest) out.laggards = core.laggards(e.epoch, kLaggardsTold);
  }
  out.name_of = [&core](const NodeId& id) {
    std::string name;
    core.for_each_member([&](const MemberView& m) {
      if (m.id == id) name = m.name;
    });
    return name;
  };
  out.now = runtime_->wall_now();
  return keys_json(out);
}

// The one refusal that an operator mends elsewhere.
std::optional<Failure> Agent::no_keymaster() const {
  if (runtime_->core().check_keymaster() != KeysError::not_keymaster) return std::nullopt;
  return fail("this node's credential does not have the role keymaster; ask a node that has it, or renew this one with"
              " `quorumor authority admit --renew " + runtime_->credential().name + " --role keymaster --out FILE`");
}

Fallible<Epoch> Agent::rotate(const RotateOptions& options) {
  if (const auto problem = no_keymaster()) return *problem;
  return runtime_->rotate(options);
}

Fallible<void> Agent::retire(Epoch through) {
  if (const auto problem = no_keymaster()) return *problem;
  return runtime_->retire(through);
}

Fallible<std::string> Agent::renew() {
  BOOST_OUTCOME_TRYV(runtime_->renew());
  const Credential& c = runtime_->credential();
  note(LogLevel::info, "credential",
       "renewed: serial " + std::to_string(c.serial.value) + ", valid until " + rfc3339(c.not_after));
  warn_of_expiry();
  return credential_text(c, runtime_->wall_now());
}

StatusView Agent::view() const {
  const Credential& credential = runtime_->credential();
  StatusView out;
  out.cluster = runtime_->cluster();
  out.label = runtime_->label();
  out.id = runtime_->core().id();
  out.name = credential.name;
  out.zone = credential.zone;
  out.stats = runtime_->core().stats();
  out.driver = runtime_->counters();
  out.open_streams = runtime_->open_streams();
  out.listening = runtime_->listening();
  out.advertised = runtime_->advertised();
  out.version = kVersionText;
  out.pid = static_cast<int>(getpid());
  out.uptime = clock_.now().time_since_epoch();
  out.now = runtime_->wall_now();
  out.not_after = credential.not_after;
  out.standbys = runtime_->core().authorities().endorsed();
  out.retirement_pending = runtime_->core().ring().retirement().has_value();
  return out;
}

void Agent::join(std::vector<std::string> endpoints) {
  verdicts_.seeds_added();
  runtime_->join(std::move(endpoints));
}

}  // namespace

int run_agent(const AgentOptions& options) {
  Agent agent(options);
  if (const auto started = agent.start(); !started) {
    std::fprintf(stderr, "quorumor: %s\n", started.error().message.c_str());
    return started.error().usage ? 2 : kFailed;
  }
  return agent.run();
}

}  // namespace quorumor
