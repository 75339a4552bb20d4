// rounds: push, pull and push-pull in synchronous rounds, the textbook's model, over some sizes.
#include "node/cli/table.h"
#include "node/driver/file.h"
#include "sim/cli/commands.h"
#include "sim/rounds/rounds.h"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

namespace quorumor::sim {
namespace {

struct Asked {
  std::vector<std::size_t> nodes = {10, 100, 1000, 10'000, 100'000};
  unsigned runs = 20, fanout = 1;
  std::uint64_t seed = 1;
  double loss = 0;  // percent
  std::string json;
};

constexpr Spread kAll[] = {Spread::push, Spread::pull, Spread::push_pull};

int rounds(const Asked& asked) {
  std::vector<Row> rows;
  std::string points;
  bool complete = true;
  for (const std::size_t n : asked.nodes) {
    const double log_n = std::log2(static_cast<double>(n)), expected = log_n + std::log(static_cast<double>(n));
    Row row = {std::to_string(n), fmt::format("{:.1f}", expected)};
    for (const Spread spread : kAll) {
      RoundsSetting setting;
      setting.nodes = n;
      setting.fanout = asked.fanout;
      setting.loss_ppm = static_cast<std::uint32_t>(std::lround(asked.loss * 10'000));
      double sum = 0;
      std::string all;
      for (unsigned run = 0; run < asked.runs; ++run) {
        const auto taken = rounds_to_all(spread, setting, asked.seed + run);
        complete = complete && taken.has_value();
        sum += taken.value_or(RoundsSetting::kRoundsMost);
        all += (run == 0 ? "" : ",") + (taken ? std::to_string(*taken) : "null");
      }
      row.push_back(fmt::format("{:.1f}", sum / asked.runs));
      points += fmt::format(R"({}{{"nodes":{},"spread":"{}","rounds":[{}]}})", points.empty() ? "" : ",\n", n,
                            to_string(spread), all);
    }
    rows.push_back(std::move(row));
  }
  std::fputs(render_table({"nodes", "log2 n + ln n", "push", "pull", "push-pull"}, rows).c_str(), stdout);
  if (!complete) std::puts("Some runs were ended after 1000 rounds.");
  if (asked.json.empty()) return complete ? 0 : 1;
  const std::string text = fmt::format(
      "{{\"quorumor_sim_rounds\":1,\"fanout\":{},\"loss_percent\":{},\"seed\":\"{}\",\"points\":[\n{}]}}\n",
      asked.fanout, asked.loss, asked.seed, points);
  const auto written = write_file_atomically(asked.json, as_bytes(text), Privacy::open);
  if (!written) return sim_report(written.error());
  return complete ? 0 : 1;
}

}  // namespace

void add_rounds_command(CLI::App& app, Chosen& chosen) {
  auto asked = std::make_shared<Asked>();
  CLI::App* command = app.add_subcommand("rounds", "Rounds of push, pull and push-pull gossip until all know");
  command->add_option("--nodes", asked->nodes, "Sizes, like 10,100,1000")
      ->delimiter(',')
      ->type_name("N,N,...")
      ->check(CLI::Range(std::size_t{2}, RoundsSetting::kNodesMost));
  command->add_option("--runs", asked->runs, "Of each size, each with the next seed")->check(CLI::Range(1, 100'000));
  command->add_option("--seed", asked->seed, "Of the first run");
  command->add_option("--fanout", asked->fanout, "Calls of a member and round")->check(CLI::Range(1, 16));
  command->add_option("--loss", asked->loss, "Percent of the calls, lost")->check(CLI::Range(0.0, 99.0));
  command->add_option("--json", asked->json, "Write the rounds of each run to this file")->type_name("FILE");
  command->callback([asked, &chosen] { chosen = [asked] { return rounds(*asked); }; });
}

}  // namespace quorumor::sim
