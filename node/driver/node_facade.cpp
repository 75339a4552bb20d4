// quorumor::Node over a Runtime: one thread that runs the loop, and a way to ask it something from any other.
//
// What the thread needs is shared with it (Body), so that a Node may be destroyed from its own callback: the thread
// then ends by itself.
#include "membership/precedence.h"
#include "node/driver/runtime.h"
#include "quorumor/node.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace quorumor {

namespace asio = boost::asio;

namespace {

State to_state(MemberState state) noexcept {
  switch (state) {
    case MemberState::suspect:
      return State::suspect;
    case MemberState::unreachable:
      return State::unreachable;
    case MemberState::dead:
      return State::dead;
    case MemberState::left:
      return State::left;
    case MemberState::evicted:
      return State::evicted;
    case MemberState::unknown:
    case MemberState::alive:
      break;
  }
  return State::alive;
}

std::chrono::system_clock::time_point to_system(WallTime at) noexcept {
  return std::chrono::system_clock::time_point{
      std::chrono::duration_cast<std::chrono::system_clock::duration>(at.time_since_epoch())};
}

Notice to_notice(const Event& event, WallTime at) {
  Notice out;
  out.at = to_system(at);
  out.kind = to_string(event.kind);
  out.member = event.name;
  if (event.id != NodeId{}) out.id = to_hex(event.id);
  out.reason = event.reason;
  if (event.endpoint.family != Endpoint::Family::none) out.reason += " (" + event.endpoint.to_string() + ")";
  return out;
}

UserEvent to_user_event(const Event& event) {
  UserEvent out;
  out.sent = to_system(event.sent_at);
  out.name = event.topic;
  out.payload = as_text(event.payload);
  out.member = event.name;
  out.id = to_hex(event.id);
  out.generation = event.generation.value;
  out.sequence = event.sequence.value;
  return out;
}

MemberInfo to_info(const MemberView& view) {
  MemberInfo out;
  out.id = to_hex(view.id);
  out.name = view.name;
  out.zone = view.zone;
  out.state = to_state(view.state);
  out.generation = view.at.generation.value;
  out.incarnation = view.at.incarnation.value;
  out.self = view.self;
  if (view.endpoints == nullptr) return out;
  for (const Endpoint& e : *view.endpoints) out.endpoints.push_back(e.to_string());
  return out;
}

std::map<std::string, std::uint64_t> to_map(const Stats& stats, const DriverCounters& driver, std::size_t streams) {
  const Counters& c = stats.counters;
  std::uint64_t dropped = 0;
  for (const std::uint64_t n : c.dropped) dropped += n;
  std::map<std::string, std::uint64_t> out{
      {"datagrams_in", c.datagrams_in},
      {"datagrams_out", c.datagrams_out},
      {"bytes_in", c.bytes_in},
      {"bytes_out", c.bytes_out},
      {"datagrams_dropped", dropped},
      {"rumors_accepted", c.rumors_accepted},
      {"rumors_bad_signature", c.rumors_bad_signature},
      {"rumors_refused", c.rumors_refused},
      {"conflicts", c.conflicts},
      {"signature_checks", c.signature_checks},
      {"probes", c.probes},
      {"probes_failed", c.probes_failed},
      {"refutations", c.refutations},
      {"syncs", c.syncs},
      {"events_sent", c.events_sent},
      {"events_delivered", c.events_delivered},
      {"events_out_of_time", c.events_out_of_time},
      {"events_too_old", c.events_too_old},
      {"events_over_quota", c.events_over_quota},
      {"events_wanted", c.events_wanted},
      {"events_recovered", c.events_recovered},
      {"datagrams_unsent", driver.datagrams_unsent},
      {"streams_accepted", driver.streams_accepted},
      {"streams_refused", driver.streams_refused},
      {"write_failures", driver.write_failures},
      {"epoch", stats.epoch.value},
      {"health", static_cast<std::uint64_t>(stats.health)},
      {"joined", stats.joined ? 1U : 0U},
      {"generation", stats.generation.value},
      {"incarnation", stats.incarnation.value},
      {"open_streams", streams},
      {"queued_rumors", stats.queued_rumors},
  };
  for (std::size_t i = 1; i < stats.by_state.size(); ++i) {
    out["members_" + std::string{to_string(static_cast<MemberState>(i))}] = stats.by_state[i];
  }
  return out;
}

struct Body {
  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
  Callbacks callbacks;
  std::unique_ptr<Runtime> runtime;

  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;        // the thread touches nothing any more
  std::optional<bool> left;  // the leave is done; true: acknowledged
  std::thread::id thread;    // set before the loop runs

  void notice(const Notice& notice) noexcept { tell(callbacks.on_notice, notice); }
  template <class What>
  static void tell(const std::function<void(const What&)>& callback, const What& what) noexcept {
    if (!callback) return;
    try {
      callback(what);
    } catch (...) {  // NOLINT: an application's mistake must not silence a member, which would look like its death
    }
  }
  void say(const char* kind, const std::string& line) {
    Notice out;
    out.at = std::chrono::system_clock::now();
    out.kind = kind;
    out.reason = line;
    notice(out);
  }
  void on_event(const Event& event, WallTime at);
  void run();
  void end() {
    runtime->close();
    loop.stop();
  }
};

void Body::on_event(const Event& event, WallTime at) {
  if (event.kind == Event::Kind::left) {
    const std::lock_guard lock{mutex};
    left = event.reason == "acknowledged";
    changed.notify_all();
  }
  if (event.kind == Event::Kind::user_event) return tell(callbacks.on_event, to_user_event(event));
  notice(to_notice(event, at));
}

void Body::run() {
  try {
    loop.run();
  } catch (const std::exception& e) {  // out of memory; handlers throw nothing else
    say("stopped", e.what());
  }
  const std::lock_guard lock{mutex};
  runtime->close();
  ended = true;
  // Questions that were posted before `ended` was set still wait for their answers.
  // (One of them may be a second close, which stops the loop again.)
  do {
    loop.restart();
  } while (loop.poll() > 0);
  changed.notify_all();
}

class EmbeddedNode final : public Node {
 public:
  EmbeddedNode(const NodeOptions& options, Callbacks callbacks);
  ~EmbeddedNode() override;

  void join(const std::vector<std::string>& endpoints) override;
  bool leave(std::chrono::milliseconds timeout) override;
  void broadcast(const std::string& name, const std::string& payload, std::chrono::milliseconds ttl) override;
  void close() override;
  std::vector<MemberInfo> members() const override;
  std::map<std::string, std::uint64_t> stats() const override;
  std::vector<std::string> endpoints() const override;

 private:
  bool on_own_thread() const noexcept { return std::this_thread::get_id() == body_->thread; }
  template <class Question>
  auto ask(Question question) const -> decltype(question());
  void start_thread();

  std::shared_ptr<Body> body_;
  std::mutex join_mutex_;
  std::thread thread_;
};

RuntimeOptions to_runtime_options(const NodeOptions& options) {
  RuntimeOptions out;
  out.directory = options.directory;
  out.passphrase.file = options.passphrase_file;
  out.bind = options.bind;
  out.advertise = options.advertise;
  out.join = options.join;
  out.bootstrap = options.bootstrap;
  switch (options.preset) {
    case NodeOptions::Preset::lan:
      out.config = Config::lan();
      break;
    case NodeOptions::Preset::wan:
      out.config = Config::wan();
      break;
    case NodeOptions::Preset::local:
      out.config = Config::local();
      break;
  }
  return out;
}

EmbeddedNode::EmbeddedNode(const NodeOptions& options, Callbacks callbacks) : body_(std::make_shared<Body>()) {
  Body& body = *body_;
  body.callbacks = std::move(callbacks);
  auto started = Runtime::start(
      body.loop, to_runtime_options(options), [&body](const Event& event, WallTime at) { body.on_event(event, at); },
      [&body](const std::string& line) {
        if (body.thread != std::thread::id{}) return body.say("note", line);
        asio::post(body.loop, [&body, line] { body.say("note", line); });  // callbacks run on one thread only
      },
      [&body](const Failure& why) {
        body.say("stopped", why.message);
        body.loop.stop();
      });
  if (!started) throw Error(started.error().message);
  body.runtime = std::move(started).value();
  start_thread();
}

void EmbeddedNode::start_thread() {
  // The program's signals are for the program's own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::promise<void> known;
  thread_ = std::thread{[body = body_, ready = known.get_future()]() mutable {
    ready.wait();
    body->run();
  }};
  body_->thread = thread_.get_id();
  known.set_value();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

EmbeddedNode::~EmbeddedNode() {
  close();
  if (thread_.joinable()) thread_.detach();  // destroyed from its own callback
}

// Runs `question` where the loop runs; once that has ended, here.
template <class Question>
auto EmbeddedNode::ask(Question question) const -> decltype(question()) {
  if (on_own_thread()) return question();
  std::promise<decltype(question())> answer;
  auto waiting = answer.get_future();
  {
    const std::lock_guard lock{body_->mutex};
    if (body_->ended) return question();
    asio::post(body_->loop, [&] {
      try {
        answer.set_value(question());
      } catch (...) {
        answer.set_exception(std::current_exception());
      }
    });
  }
  return waiting.get();
}

void EmbeddedNode::join(const std::vector<std::string>& endpoints) {
  asio::post(body_->loop, [body = body_.get(), endpoints] { body->runtime->join(endpoints); });
}

bool EmbeddedNode::leave(std::chrono::milliseconds timeout) {
  if (on_own_thread()) return false;  // it would wait for itself
  asio::post(body_->loop, [body = body_.get()] { body->runtime->leave(); });
  std::unique_lock lock{body_->mutex};
  body_->changed.wait_for(lock, timeout, [this] { return body_->left.has_value() || body_->ended; });
  return body_->left.value_or(false);
}

void EmbeddedNode::broadcast(const std::string& name, const std::string& payload, std::chrono::milliseconds ttl) {
  const auto sent = ask([&] { return body_->runtime->broadcast(name, as_bytes(payload), ttl); });
  if (!sent) throw Error(sent.error().message);
}

void EmbeddedNode::close() {
  if (on_own_thread()) return body_->end();
  const std::lock_guard lock{join_mutex_};
  if (!thread_.joinable()) return;
  asio::post(body_->loop, [body = body_.get()] { body->end(); });
  thread_.join();
}

std::vector<MemberInfo> EmbeddedNode::members() const {
  return ask([this] {
    std::vector<MemberInfo> out;
    body_->runtime->core().for_each_member([&out](const MemberView& view) {
      if (view.state != MemberState::unknown) out.push_back(to_info(view));
    });
    return out;
  });
}

std::map<std::string, std::uint64_t> EmbeddedNode::stats() const {
  return ask([this] {
    const Runtime& runtime = *body_->runtime;
    return to_map(runtime.core().stats(), runtime.counters(), runtime.open_streams());
  });
}

std::vector<std::string> EmbeddedNode::endpoints() const {
  return ask([this] {
    std::vector<std::string> out;
    for (const Endpoint& e : body_->runtime->listening()) out.push_back(e.to_string());
    return out;
  });
}

}  // namespace

const char* to_string(State state) noexcept {
  switch (state) {
    case State::alive:
      return "alive";
    case State::suspect:
      return "suspect";
    case State::unreachable:
      return "unreachable";
    case State::dead:
      return "dead";
    case State::left:
      return "left";
    case State::evicted:
      return "evicted";
  }
  return "?";
}

std::unique_ptr<Node> Node::start(const NodeOptions& options, Callbacks callbacks) {
  try {
    return std::make_unique<EmbeddedNode>(options, std::move(callbacks));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {  // out of memory, threads, or file descriptors
    throw Error(std::string{"cannot start the node: "} + e.what());
  }
}

}  // namespace quorumor
