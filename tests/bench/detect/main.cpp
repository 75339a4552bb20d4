// quorumor-detect: the failure detector's figures, each beside the limit demanded of it, in virtual time.
// Exit code: 0 all limits held, 1 one was missed, 2 a mistake on the command line.
#include "bench/detect/detect.h"

#include "crypto/secret.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace quorumor::detect {
namespace {

constexpr Experiment kExperiments[] = {
    {"form", "a hundred members from nothing", form},
    {"first-probe", "crash to the first probe that fails", first_probe},
    {"load", "messages a member and period, n = 10, 100, 1000", load},
    {"dead-100", "crash to Dead everywhere, n = 100", dead_100},
    {"dead-1000", "the same, n = 1000", dead_1000},
    {"control-100", "dead-100 in the control arm: plain SWIM and Lifeguard", control_100},
    {"control-1000", "dead-1000 in the control arm", control_1000},
    {"ratio-100", "dead-100 over control-100", ratio_100},
    {"ratio-1000", "dead-1000 over control-1000, median and 99 of 100", ratio_1000},
    {"loss", "a fifth of all datagrams lost, for an hour", loss},
    {"mass", "half of a hundred crash at once", mass},
    {"one-liar", "one lying observer for each subject, without end", one_liar},
    {"few-liars", "k - 1 liars, silent relays, a pause of 3 s", few_liars},
    {"enough-liars", "k liars, and a pause of 12 s", enough_liars},
};

int usage() {
  std::fprintf(stderr,
               "usage: quorumor-detect [--seeds N] [--first-seed S] [--minutes M] [--defense off] [EXPERIMENT ...]\n"
               "Without an experiment: all of them. --seeds: repetitions; --minutes: virtual time of `loss` and,\n"
               "up to 5, of `one-liar`.\n");
  for (const Experiment& e : kExperiments) std::fprintf(stderr, "  %-14s %s\n", e.name, e.what);
  return 2;
}

// False if it is not a number of at least 1.
bool parse(const char* text, unsigned long& out) {
  char* end = nullptr;
  out = std::strtoul(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && out >= 1 && out <= 1'000'000;
}

int run(int argc, char** argv) {
  Options options;
  std::vector<const Experiment*> chosen;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    unsigned long n = 0;
    if (word == "--defense" && i + 1 < argc && std::strcmp(argv[i + 1], "off") == 0) {
      options.defense = false;
      ++i;
    } else if (word == "--seeds" && i + 1 < argc && parse(argv[i + 1], n)) {
      options.seeds = static_cast<unsigned>(n);
      ++i;
    } else if (word == "--first-seed" && i + 1 < argc && parse(argv[i + 1], n)) {
      options.first_seed = n;
      ++i;
    } else if (word == "--minutes" && i + 1 < argc && parse(argv[i + 1], n)) {
      options.minutes = static_cast<unsigned>(n);
      ++i;
    } else {
      const Experiment* found = nullptr;
      for (const Experiment& e : kExperiments) found = word == e.name ? &e : found;
      if (found == nullptr) return usage();
      chosen.push_back(found);
    }
  }
  if (chosen.empty()) {
    for (const Experiment& e : kExperiments) chosen.push_back(&e);
  }
  Report report;
  for (const Experiment* e : chosen) {
    const auto begin = std::chrono::steady_clock::now();
    std::printf("%s: %s\n", e->name, e->what);
    std::fflush(stdout);
    e->run(options, report);
    std::printf("  (took %.1f s)\n",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    std::fflush(stdout);
  }
  return report.missed() ? 1 : 0;
}

}  // namespace
}  // namespace quorumor::detect

int main(int argc, char** argv) {
  quorumor::crypto_init();
  return quorumor::detect::run(argc, argv);
}
