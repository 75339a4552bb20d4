// Steady state allocates nothing: pings, acks and their timers, counted by a global operator new.
#include "node/core/support.h"

#include <cstdlib>
#include <deque>
#include <new>

namespace {
bool counting = false;
std::size_t allocations = 0;

void* allocate(std::size_t size) {
  if (counting) ++allocations;
  void* out = std::malloc(size == 0 ? 1 : size);
  if (out == nullptr) throw std::bad_alloc();
  return out;
}
}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

using namespace quorumor;
using namespace quorumor::test;

namespace {

struct Flight {
  std::size_t to = 0;
  Endpoint from;
  ByteVector datagram;
};

// Drives two cores directly, counting only inside their calls.
class Pump {
 public:
  explicit Pump(sim::World& world) : world_(world), now_(world.now()) {}

  std::size_t run(Duration span) {
    const Instant end = now_ + span;
    std::size_t datagrams = 0;
    while (now_ < end) {
      for (std::size_t n = 0; n < 2; ++n) {
        const auto due = world_.core(n).next_deadline();
        if (due && *due <= now_) collect(n, [&] { return world_.core(n).on_timer(now_); });
      }
      while (!flights_.empty()) {
        Flight f = std::move(flights_.front());
        flights_.pop_front();
        ++datagrams;
        collect(f.to, [&] { return world_.core(f.to).on_datagram(now_, f.from, f.datagram); });
      }
      now_ += 10ms;
    }
    return datagrams;
  }

 private:
  template <class Call>
  void collect(std::size_t node, Call call) {
    counting = true;
    const auto outputs = call();
    counting = false;
    for (const Output& o : outputs) {
      if (const auto* t = std::get_if<Transmit>(&o)) {
        flights_.push_back({1 - node, world_.endpoint(node), to_vector(t->datagram)});
      }
    }
  }
  sim::World& world_;
  Instant now_;
  std::deque<Flight> flights_;
};

}  // namespace

TEST_CASE("a minute of steady traffic allocates nothing in either core") {
  sim::World world(61);
  form_cluster(world, 2);
  world.run_for(30s);  // joins, gossip and the first snapshot are over
  Pump pump(world);
  pump.run(20s);
  allocations = 0;
  const std::size_t datagrams = pump.run(60s);
  CHECK(datagrams > 200);
  CHECK(allocations == 0);
  // The counter counts.
  counting = true;
  const std::vector<int> something(10);
  counting = false;
  CHECK(allocations > 0);
  CHECK(something.size() == 10);
}
