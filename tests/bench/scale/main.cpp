// quorumor-scale: how large a cluster one core can simulate: the time to form it, the processor time of its steady
// state, and the memory. Prints the trace's hash, so that two builds, or two modes, can be held against each other.
// Exit code: 0 done, 2 a mistake on the command line.
#include "crypto/secret.h"
#include "sim/formed.h"
#include "sim/memo/memo.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/resource.h>

namespace quorumor {
namespace {

struct Order {
  unsigned long nodes = 0, seconds = 60, crashes = 0, seed = 1;
  bool fast = false;
};

int usage() {
  std::fprintf(stderr,
               "usage: quorumor-scale NODES [--seconds S] [--crash C] [--seed N] [--fast-crypto]\n"
               "Forms a cluster of NODES (3 to 16000) and runs it for S (60) virtual seconds; C (0) of them crash in\n"
               "the middle. One thread. --fast-crypto computes each verdict and secret once (sim/memo/memo.h).\n");
  return 2;
}

// False if it is not a number within [least, most].
bool parse(const char* text, unsigned long least, unsigned long most, unsigned long& out) {
  char* end = nullptr;
  out = std::strtoul(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && out >= least && out <= most;
}

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double peak_megabytes() {
  struct rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

int run(const Order& order) {
  sim::set_fast_crypto(order.fast);
  sim::World world(order.seed);
  world.set_keep_snapshots(false);
  const double begun = processor_seconds();
  sim::start_formed(world, order.nodes);
  const double formed = processor_seconds();
  std::printf("%lu nodes: formed in %.2f s, %.0f MB\n", order.nodes, formed - begun, peak_megabytes());
  std::fflush(stdout);

  const std::chrono::milliseconds half{order.seconds * 500};
  world.run_for(half);
  for (unsigned long i = 0; i < order.crashes; ++i) world.crash(order.nodes - 1 - i);
  world.run_for(half);
  const double cost = processor_seconds() - formed;
  std::printf("  %lu virtual seconds in %.2f s, %.0f MB at most, %.0f nodes x virtual seconds a CPU second\n",
              order.seconds, cost, peak_megabytes(), static_cast<double>(order.nodes * order.seconds) / cost);
  std::printf("  %llu datagrams, %zu dead seen, trace %016llx\n",
              static_cast<unsigned long long>(world.datagrams()), world.count(Event::Kind::member_dead),
              static_cast<unsigned long long>(world.trace_hash()));
  return 0;
}

int main_of(int argc, char** argv) {
  Order order;
  for (int i = 1; i < argc; ++i) {
    const bool more = i + 1 < argc;
    bool good = true;
    if (std::strcmp(argv[i], "--seconds") == 0 && more) {
      good = parse(argv[++i], 1, 100'000, order.seconds);
    } else if (std::strcmp(argv[i], "--crash") == 0 && more) {
      good = parse(argv[++i], 1, 16'000, order.crashes);
    } else if (std::strcmp(argv[i], "--seed") == 0 && more) {
      good = parse(argv[++i], 0, ~0UL, order.seed);
    } else if (std::strcmp(argv[i], "--fast-crypto") == 0) {
      order.fast = true;
    } else {
      good = order.nodes == 0 && parse(argv[i], 3, 16'000, order.nodes);
    }
    if (!good) return usage();
  }
  if (order.nodes == 0 || order.crashes >= order.nodes) return usage();
  return run(order);
}

}  // namespace
}  // namespace quorumor

int main(int argc, char** argv) {
  quorumor::crypto_init();
  return quorumor::main_of(argc, argv);
}
