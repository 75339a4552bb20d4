#include "node/driver/helper_thread.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

using namespace quorumor;

TEST_CASE("jobs run in order, on one other thread") {
  HelperThread helper;
  std::vector<int> order;
  std::vector<std::thread::id> where;
  for (int i = 0; i < 20; ++i) {
    helper.run(
        [&, i] {
          order.push_back(i);
          where.push_back(std::this_thread::get_id());
        },
        false);
  }
  std::promise<void> done;
  helper.run([&] { done.set_value(); }, false);
  done.get_future().wait();
  REQUIRE(order.size() == 20);
  for (int i = 0; i < 20; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  for (const auto id : where) {
    CHECK(id == where.front());
    CHECK(id != std::this_thread::get_id());
  }
}

TEST_CASE("stop returns once everything that must be done is done") {
  HelperThread helper;
  std::promise<void> go;
  std::atomic<int> ran = 0;
  helper.run(
      [&, wait = std::make_shared<std::future<void>>(go.get_future())] {
        wait->wait();
        ++ran;
      },
      false);
  std::atomic<int> in_order = 0;
  for (int i = 1; i <= 5; ++i) helper.run([&, i] { in_order += ran++ == i ? 1 : 0; }, false);
  std::thread later{[&] { go.set_value(); }};
  helper.stop();
  CHECK(ran == 6);
  CHECK(in_order == 5);
  later.join();
  helper.run([&] { ++ran; }, false);
  helper.stop();
  CHECK(ran == 6);
}

TEST_CASE("stop does not wait for a job that hangs, and still does the others") {
  const auto release = std::make_shared<std::promise<void>>();
  const auto hung = std::make_shared<std::promise<void>>();
  const auto ended = std::make_shared<std::promise<void>>();
  auto has_ended = ended->get_future();
  int ran = 0;
  {
    HelperThread helper;
    helper.run(
        [=] {
          hung->set_value();
          release->get_future().wait();
          ended->set_value();
        },
        true);
    hung->get_future().wait();
    helper.run([&] { ++ran; }, false);
    helper.run([&] { ran += 100; }, true);  // has not begun: dropped
    helper.stop();                          // would never return
    CHECK(ran == 1);
  }
  release->set_value();
  has_ended.wait();
  CHECK(ran == 1);
}

TEST_CASE("without a job there is no thread, and nothing to stop") {
  HelperThread helper;
  helper.stop();
  helper.stop();
}
