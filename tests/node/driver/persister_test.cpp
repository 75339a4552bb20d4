#include "node/driver/persister.h"

#include "helpers.h"

#include <boost/asio/post.hpp>
#include <future>

using namespace quorumor;
using What = Persist::What;
using test::run_until;

namespace {

struct Persisting {
  test::TemporaryFolder folder;
  boost::asio::io_context loop{1};
  HelperThread helper;
  DriverCounters counters;
  std::vector<std::string> notes;
  std::filesystem::path path = test::make_node(folder, "n1", 1);

  std::shared_ptr<Persister> make(Duration retry = 10s) {
    return std::make_shared<Persister>(
        loop, helper, StateDirectory::open(path).value(), counters,
        [this](const std::string& line) { notes.push_back(line); }, retry);
  }
  std::string ring() const { return content("ring"); }
  std::string content(const char* name) const {
    return std::filesystem::exists(path / name) ? test::slurp(path / name) : std::string{};
  }
};

// Holds the helper thread, so that what is queued behind it stays queued.
struct Held {
  explicit Held(HelperThread& helper) {
    helper.run([wait = std::make_shared<std::future<void>>(go.get_future())] { wait->wait(); }, false);
  }
  std::promise<void> go;
};

}  // namespace

TEST_CASE("write_now is on disk when it returns; queued writes follow") {
  Persisting p;
  const auto persister = p.make();
  CHECK(persister->write_now(What::ring, as_bytes("one")).has_value());
  CHECK(p.ring() == "one");
  persister->queue(What::ring, as_bytes("two"));
  persister->queue(What::members, as_bytes("some"));
  REQUIRE(run_until(p.loop, [&] { return p.ring() == "two" && p.content("members") == "some"; }));
  persister->close();
}

TEST_CASE("what the authority has said has a file of its own") {
  Persisting p;
  const auto persister = p.make();
  CHECK(persister->write_now(What::verdicts, as_bytes("first")).has_value());
  CHECK(p.content("verdicts") == "first");
  persister->queue(What::verdicts, as_bytes("then"));
  REQUIRE(run_until(p.loop, [&] { return p.content("verdicts") == "then"; }));
  persister->close();
}

TEST_CASE("of what queues up only the newest is written") {
  Persisting p;
  const auto persister = p.make();
  Held held{p.helper};
  persister->queue(What::ring, as_bytes("one"));
  persister->queue(What::ring, as_bytes("two"));
  persister->queue(What::ring, as_bytes("three"));
  held.go.set_value();
  REQUIRE(run_until(p.loop, [&] { return p.ring() == "three"; }));
  persister->close();
  CHECK(p.ring() == "three");
}

TEST_CASE("a queued write that was overtaken never replaces the newer one") {
  Persisting p;
  const auto persister = p.make();
  Held held{p.helper};
  persister->queue(What::ring, as_bytes("old"));
  REQUIRE(persister->write_now(What::ring, as_bytes("new")).has_value());
  held.go.set_value();
  bool passed = false;
  p.helper.run([&] { boost::asio::post(p.loop, [&] { passed = true; }); }, false);
  REQUIRE(run_until(p.loop, [&] { return passed; }));
  CHECK(p.ring() == "new");
  persister->close();
  CHECK(p.ring() == "new");
}

TEST_CASE("a generation is stored as a number") {
  Persisting p;
  const auto persister = p.make();
  ByteArray<8> bytes;
  store_le<std::uint64_t>(bytes.data(), (std::uint64_t{1} << 62) + 5);
  REQUIRE(persister->write_now(What::generation, bytes).has_value());
  Drbg rng = test::make_rng();
  const auto next = StateDirectory::open(p.path).value().next_generation(wall_from_seconds(0), rng);
  REQUIRE(next.has_value());
  CHECK(next.value() > Generation{(std::uint64_t{1} << 62) + 5});
  persister->close();
}

TEST_CASE("a write that fails is noted, counted, and tried again") {
  Persisting p;
  const auto persister = p.make(20ms);
  // A folder in the way of the file: not even root can rename over it.
  std::filesystem::create_directories(p.path / "ring" / "in the way");
  persister->queue(What::ring, as_bytes("one"));
  REQUIRE(run_until(p.loop, [&] { return p.counters.write_failures >= 2; }));
  test::check_message(p.notes.at(0), {(p.path / "ring").string()});
  CHECK_FALSE(persister->write_now(What::ring, as_bytes("now")).has_value());
  std::filesystem::remove_all(p.path / "ring");
  persister->queue(What::ring, as_bytes("two"));
  REQUIRE(run_until(p.loop, [&] { return p.ring() == "two"; }));
  persister->close();
}

TEST_CASE("close writes what is queued") {
  Persisting p;
  const auto persister = p.make();
  persister->queue(What::ring, as_bytes("one"));
  persister->queue(What::ring, as_bytes("two"));
  persister->close();
  CHECK(p.ring() == "two");
  persister->queue(What::ring, as_bytes("three"));
  p.loop.poll();
  CHECK(p.ring() == "two");
}
