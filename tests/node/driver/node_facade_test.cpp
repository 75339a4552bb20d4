#include "quorumor/node.h"

#include "helpers.h"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

using namespace quorumor;

namespace {

// Notices as they come, and a way to wait for one.
class Log {
 public:
  void add(const Notice& notice) {
    const std::lock_guard lock{mutex_};
    notices_.push_back(notice);
    changed_.notify_all();
  }
  bool wait_for(const std::string& kind, const std::string& member = {}) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{10}, [&] {
      for (const Notice& n : notices_) {
        if (n.kind == kind && (member.empty() || n.member == member)) return true;
      }
      return false;
    });
  }
  std::size_t size() {
    const std::lock_guard lock{mutex_};
    return notices_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Notice> notices_;
};

struct Embedded {
  test::TemporaryFolder folder;
  Log log_a;
  Log log_b;

  std::unique_ptr<Node> start_first(Callbacks callbacks) {
    NodeOptions options;
    options.directory = test::make_node(folder, "n1", 1, {"keymaster"}).string();
    options.bind = {"127.0.0.1:0"};
    options.bootstrap = true;
    options.preset = NodeOptions::Preset::local;
    return Node::start(options, std::move(callbacks));
  }
  std::unique_ptr<Node> start_second(const Node& first, Callbacks callbacks) {
    NodeOptions options;
    options.directory = test::make_node(folder, "n2", 2).string();
    options.bind = {"127.0.0.1:0"};
    options.join = first.endpoints();
    options.preset = NodeOptions::Preset::local;
    return Node::start(options, std::move(callbacks));
  }
  static Callbacks into(Log& log) {
    return Callbacks{[&log](const Notice& n) { log.add(n); }};
  }
};

}  // namespace

TEST_CASE("two embedded nodes see each other; one leaves and the other hears it") {
  Embedded e;
  const auto a = e.start_first(Embedded::into(e.log_a));
  const auto b = e.start_second(*a, Embedded::into(e.log_b));
  REQUIRE(e.log_a.wait_for("alive", "n2"));
  REQUIRE(e.log_b.wait_for("joined"));
  const auto members = a->members();
  REQUIRE(members.size() == 2);
  CHECK(members[0].name == "n1");
  CHECK(members[0].self);
  CHECK(members[0].id == "01010101010101010101010101010101");
  CHECK(members[0].endpoints == a->endpoints());
  CHECK(members[1].name == "n2");
  CHECK_FALSE(members[1].self);
  CHECK(members[1].state == State::alive);
  CHECK(members[1].generation > 0);
  const auto stats = a->stats();
  CHECK(stats.at("members_alive") == 2);
  CHECK(stats.at("joined") == 1);
  CHECK(stats.at("epoch") == 1);
  CHECK(stats.at("streams_accepted") >= 1);
  CHECK(b->leave());
  CHECK(e.log_b.wait_for("leave-done"));
  CHECK(e.log_a.wait_for("left", "n2"));
  CHECK(b->leave());  // again: still true, at once
}

TEST_CASE("an event of one reaches both, once; what cannot be sent throws") {
  Embedded e;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<UserEvent> heard;
  const auto hear = [&](Log& log) {
    Callbacks out = Embedded::into(log);
    out.on_event = [&](const UserEvent& event) {
      const std::lock_guard lock{mutex};
      heard.push_back(event);
      changed.notify_all();
    };
    return out;
  };
  const auto a = e.start_first(hear(e.log_a));
  const auto b = e.start_second(*a, hear(e.log_b));
  REQUIRE(e.log_a.wait_for("alive", "n2"));
  REQUIRE(e.log_b.wait_for("joined"));
  CHECK_THROWS_AS(b->broadcast("Not A Name", ""), Error);
  CHECK_THROWS_WITH_AS(b->broadcast("big", std::string(600, 'x')),
                       "an event's payload is at most 512 bytes; this one has 600", Error);
  const std::string payload("\0\xff", 2);
  b->broadcast("deploy", payload);
  {
    std::unique_lock lock{mutex};
    REQUIRE(changed.wait_for(lock, std::chrono::seconds{10}, [&] { return heard.size() == 2; }));
    for (const UserEvent& event : heard) {
      CHECK(event.name == "deploy");
      CHECK(event.payload == payload);
      CHECK(event.member == "n2");
      CHECK(event.id == "02020202020202020202020202020202");
      CHECK(event.sequence == 1);
    }
  }
  CHECK(b->stats().at("events_sent") == 1);
  CHECK(a->stats().at("events_delivered") == 1);
  b->close();
  CHECK_THROWS_AS(b->broadcast("late", ""), Error);
}

TEST_CASE("an event may be sent from a callback") {
  Embedded e;
  std::promise<std::string> answered;
  std::unique_ptr<Node> node;
  std::atomic<Node*> me = nullptr;
  Callbacks callbacks;
  callbacks.on_event = [&](const UserEvent& event) {
    if (event.name == "question") me.load()->broadcast("answer", event.payload);
    if (event.name == "answer") answered.set_value(event.payload);
  };
  callbacks.on_notice = [&](const Notice& n) { e.log_a.add(n); };
  node = e.start_first(std::move(callbacks));
  me = node.get();
  REQUIRE(e.log_a.wait_for("joined"));
  node->broadcast("question", "42");
  auto answer = answered.get_future();
  REQUIRE(answer.wait_for(std::chrono::seconds{10}) == std::future_status::ready);
  CHECK(answer.get() == "42");
}

TEST_CASE("an error is an exception whose text says what to do") {
  NodeOptions options;
  options.directory = "/nonexistent/quorumor";
  options.bind = {"127.0.0.1:0"};
  std::string what;
  try {
    static_cast<void>(Node::start(options, {}));
  } catch (const Error& error) {
    what = error.what();
  }
  test::check_message(what, {"/nonexistent/quorumor", "quorumor node init"});
}

TEST_CASE("callbacks come on one thread, which is not the caller's") {
  Embedded e;
  std::mutex mutex;
  std::vector<std::thread::id> threads;
  const auto a = e.start_first(Callbacks{[&](const Notice& n) {
    {
      const std::lock_guard lock{mutex};
      threads.push_back(std::this_thread::get_id());
    }
    e.log_a.add(n);
  }});
  const auto b = e.start_second(*a, {});
  REQUIRE(e.log_a.wait_for("alive", "n2"));
  const std::lock_guard lock{mutex};
  for (const auto id : threads) {
    CHECK(id == threads.front());
    CHECK(id != std::this_thread::get_id());
  }
}

TEST_CASE("every method from any thread at once") {
  Embedded e;
  const auto a = e.start_first({});
  std::atomic<int> members = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 50; ++n) {
        members += static_cast<int>(a->members().size());
        static_cast<void>(a->stats());
        if (i == 0 && n == 25) a->close();  // the others go on asking
        if (n % 10 == 0) a->join({"127.0.0.1:1"});
      }
    });
  }
  for (std::thread& t : threads) t.join();
  CHECK(members == 200);
  CHECK(a->endpoints().size() == 1);
}

TEST_CASE("from a callback: queries, leave refuses to wait for itself, close only begins the end") {
  Embedded e;
  std::unique_ptr<Node> a;
  std::promise<void> ready;
  const std::shared_future<void> is_ready = ready.get_future().share();
  std::promise<std::size_t> seen;
  std::atomic<int> calls = 0;
  a = e.start_first(Callbacks{[&](const Notice&) {
    if (++calls > 1) return;
    is_ready.wait();
    const auto before = std::chrono::steady_clock::now();
    const bool left = a->leave(std::chrono::seconds{10}) || std::chrono::steady_clock::now() - before > 5s;
    const std::size_t members = a->members().size() + a->endpoints().size() + a->stats().count("health");
    a->close();
    a->close();
    seen.set_value(left ? 0 : members);
  }});
  ready.set_value();
  CHECK(seen.get_future().get() == 3);
  a->close();
  CHECK(calls == 1);
  CHECK(a->members().size() == 1);  // what was last known
}

TEST_CASE("destroyed from its own callback") {
  Embedded e;
  std::unique_ptr<Node> a;
  std::promise<void> ready;
  const std::shared_future<void> is_ready = ready.get_future().share();
  std::promise<void> gone;
  a = e.start_first(Callbacks{[&, once = std::make_shared<std::atomic<bool>>(false)](const Notice&) {
    if (once->exchange(true)) return;
    is_ready.wait();
    a.reset();
    gone.set_value();
  }});
  ready.set_value();
  gone.get_future().wait();
  CHECK(a == nullptr);
}

TEST_CASE("a callback that throws harms nobody") {
  Embedded e;
  const auto a = e.start_first(Callbacks{[&](const Notice& n) {
    e.log_a.add(n);
    throw std::runtime_error("application");
  }});
  const auto b = e.start_second(*a, Embedded::into(e.log_b));
  CHECK(e.log_a.wait_for("alive", "n2"));
  CHECK(e.log_b.wait_for("joined"));
}

TEST_CASE("after close no callback comes") {
  Embedded e;
  const auto a = e.start_first(Embedded::into(e.log_a));
  REQUIRE(e.log_a.wait_for("joined"));
  a->close();
  const std::size_t before = e.log_a.size();
  a->close();
  CHECK_FALSE(a->leave(std::chrono::milliseconds{10}));
  a->join({"127.0.0.1:1"});
  CHECK(e.log_a.size() == before);
}

TEST_CASE("the words for states") {
  CHECK(std::string{to_string(State::alive)} == "alive");
  CHECK(std::string{to_string(State::suspect)} == "suspect");
  CHECK(std::string{to_string(State::unreachable)} == "unreachable");
  CHECK(std::string{to_string(State::dead)} == "dead");
  CHECK(std::string{to_string(State::left)} == "left");
  CHECK(std::string{to_string(State::evicted)} == "evicted");
}
