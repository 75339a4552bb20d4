#include "node/driver/seed_resolver.h"

#include "helpers.h"

#include <atomic>
#include <future>

using namespace quorumor;
using test::run_until;

namespace {

const Endpoint kFirst = Endpoint::v4(192, 0, 2, 1, 7);
const Endpoint kSecond = Endpoint::v4(192, 0, 2, 2, 7);

struct Resolving {
  boost::asio::io_context loop{1};
  HelperThread helper;
  std::vector<Endpoint> found;
  std::vector<std::string> notes;
  std::atomic<int> asked = 0;
  SeedResolver::Times times{20ms, 20ms};

  std::shared_ptr<SeedResolver> make(SeedResolver::Resolve resolve) {
    return std::make_shared<SeedResolver>(
        loop, helper,
        [this](const std::vector<Endpoint>& news) { found.insert(found.end(), news.begin(), news.end()); },
        [this](const std::string& line) { notes.push_back(line); },
        [this, resolve = std::move(resolve)](const HostPort& name) {
          ++asked;
          return resolve(name);
        },
        times);
  }
};

Fallible<std::vector<Resolved>> give(std::initializer_list<Endpoint> endpoints) {
  std::vector<Resolved> out;
  for (const Endpoint& e : endpoints) out.push_back({e, 0});
  return out;
}

}  // namespace

TEST_CASE("a name that does not resolve is noted and tried again until it does") {
  Resolving r;
  std::atomic<int> failures = 3;
  const auto resolver = r.make([&](const HostPort& name) -> Fallible<std::vector<Resolved>> {
    if (failures-- > 0) return fail("cannot resolve '" + name.host + "': nothing there");
    return give({kFirst});
  });
  resolver->add({"seed.example", 7});
  CHECK(r.found.empty());  // never from within add
  REQUIRE(run_until(r.loop, [&] { return !r.found.empty(); }));
  CHECK(r.found == std::vector<Endpoint>{kFirst});
  CHECK(r.notes.size() == 3);
  test::check_message(r.notes.at(0), {"seed.example", "trying again"});
  resolver->close();
}

TEST_CASE("until this node has joined a name is asked again, and only news are given") {
  Resolving r;
  std::atomic<bool> moved = false;
  const auto resolver = r.make([&](const HostPort&) {
    return moved ? give({kFirst, kSecond}) : give({kFirst, kFirst});
  });
  resolver->add({"seed.example", 7});
  resolver->add({"seed.example", 7});
  REQUIRE(run_until(r.loop, [&] { return r.asked >= 3; }));
  CHECK(r.found == std::vector<Endpoint>{kFirst});
  moved = true;
  REQUIRE(run_until(r.loop, [&] { return r.found.size() == 2; }));
  CHECK(r.found.back() == kSecond);
  resolver->stop_asking();
  test::run_for(r.loop, std::chrono::milliseconds{60});
  const int asked = r.asked;
  test::run_for(r.loop, std::chrono::milliseconds{80});
  CHECK(r.asked == asked);
  resolver->close();
}

TEST_CASE("addresses that nobody can have are not given") {
  Resolving r;
  const auto resolver = r.make([](const HostPort&) { return give({Endpoint::v4(224, 0, 0, 1, 7), kFirst}); });
  resolver->add({"seed.example", 7});
  REQUIRE(run_until(r.loop, [&] { return !r.found.empty(); }));
  CHECK(r.found == std::vector<Endpoint>{kFirst});
  resolver->close();
}

TEST_CASE("names are bounded") {
  Resolving r;
  const auto resolver = r.make([](const HostPort&) { return give({kFirst}); });
  for (std::size_t i = 0; i < SeedResolver::kNamesMax; ++i) resolver->add({"seed" + std::to_string(i), 7});
  CHECK(r.notes.empty());
  resolver->add({"one.more", 7});
  REQUIRE(r.notes.size() == 1);
  test::check_message(r.notes[0], {"one.more:7", "at most 64"});
  resolver->close();
}

TEST_CASE("a resolver that hangs outlives the loop without touching it") {
  const auto release = std::make_shared<std::promise<void>>();
  const auto returned = std::make_shared<std::promise<void>>();
  auto has_returned = returned->get_future();
  {
    Resolving r;
    std::promise<void> hangs;
    const auto resolver = std::make_shared<SeedResolver>(
        r.loop, r.helper, [](const std::vector<Endpoint>&) { FAIL("after the end"); }, [](const std::string&) {},
        [&hangs, release, returned](const HostPort&) -> Fallible<std::vector<Resolved>> {
          hangs.set_value();
          release->get_future().wait();
          returned->set_value();
          return give({kFirst});
        },
        r.times);
    resolver->add({"seed.example", 7});
    hangs.get_future().wait();
    resolver->close();
    r.helper.stop();
  }
  release->set_value();
  has_returned.wait();
}
