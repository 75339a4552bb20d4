#include "crypto/secret.h"

#include <benchmark/benchmark.h>

int main(int argc, char** argv) {
  quorumor::crypto_init();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
