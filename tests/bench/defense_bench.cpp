// What the quorum costs: the ranking of one subject among many members while they come and go, and a verdict.
#include <benchmark/benchmark.h>

#include "defense/quorum_policy.h"

namespace quorumor {
namespace {

NodeId member(std::uint64_t n) {
  NodeId id{};
  ByteArray<8> number;
  store_le<std::uint64_t>(number.data(), n);
  store_le<std::uint64_t>(id.data(), hash_u64("quorumor bench member", {number}));
  store_le<std::uint64_t>(id.data() + 8, n);
  return id;
}

constexpr std::uint64_t kMembers = 10'000;
constexpr std::size_t kCount = 3 * 34 + 3 + 8;  // as many ranks as the policy holds worth at this size

struct People : Population {
  People() {
    for (std::uint64_t i = 0; i < kMembers; ++i) set_state(member(i), MemberState::alive);
  }
};

// One arrival or departure, then one subject's observers; of a working set of subjects, one after another.
void observers_after_a_change(benchmark::State& state) {
  People people;
  Observers observers(people, hash("quorumor bench", {}));
  const auto subjects = static_cast<std::uint64_t>(state.range(0));
  std::vector<NodeId> ids;
  for (std::uint64_t i = 0; i < 4 * kMembers; ++i) ids.push_back(member(i));
  for (std::uint64_t s = 0; s < subjects; ++s) observers.best(ids[s], kCount);
  const std::uint64_t before = observers.full_scans();
  std::uint64_t in = kMembers, out = subjects, asked = 0;
  bool joins = false;
  for (auto step : state) {
    joins = !joins;
    if (joins) {
      people.set_state(ids[in], MemberState::alive);
      if (++in == ids.size()) in = subjects;
    } else {
      people.set_state(ids[out], MemberState::left);
      if (++out == ids.size()) out = subjects;
    }
    if (++asked == subjects) asked = 0;
    benchmark::DoNotOptimize(observers.best(ids[asked], kCount).data());
  }
  state.counters["scans/change"] =
      static_cast<double>(observers.full_scans() - before) / static_cast<double>(state.iterations());
}

void observers_first_asked(benchmark::State& state) {
  const People people;
  Observers observers(people, hash("quorumor bench", {}));
  std::uint64_t subject = 0;
  for (auto step : state) {
    benchmark::DoNotOptimize(observers.best(member(subject), kCount).data());
    if (++subject == kMembers) subject = 0;
  }
}

void stranger_turned_away(benchmark::State& state) {
  const People people;
  const Observers observers(people, hash("quorumor bench", {}));
  const NodeId subject = member(1), other = member(2);
  for (auto step : state) benchmark::DoNotOptimize(observers.is_far(subject, other, kCount));
}

void committee_cold(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const auto beta = static_cast<std::uint32_t>(state.range(1));
  const auto exponent = static_cast<unsigned>(state.range(2));
  for (auto step : state) benchmark::DoNotOptimize(committee_for(n, beta, exponent));
  state.counters["m"] = static_cast<double>(committee_for(n, beta, exponent).observers);
}

void committee_warm(benchmark::State& state) {
  CommitteeTable table(100'000, 4);
  for (auto step : state) benchmark::DoNotOptimize(table.at(10'000));
}

// k witnesses of k observers, under one live epoch among `kMembers`; the ranking is held.
void judge_with_k_witnesses(benchmark::State& state) {
  const SigningKey keymaster = SigningKey::from_seed(ByteArray<32>{});
  Keyring ring{ClusterId{}};
  EpochKey key{Secret<32>::copy_of(ByteArray<32>{})};
  Announcement first;
  first.epoch = Epoch{1};
  first.commitment = key.commitment(ring.cluster());
  ring.bootstrap(sign_announcement(keymaster, ring.cluster(), first), std::move(key));
  QuorumPolicy policy(member(0));
  policy.on_ring(ring);
  for (std::uint64_t i = 0; i < kMembers; ++i) policy.on_state(member(i), MemberState::alive);
  const NodeId subject = member(1);
  std::vector<NodeId> observers;
  policy.observers_of(subject, observers);
  std::vector<Witness> witnesses(policy.quorum().threshold);
  for (std::size_t i = 0; i < witnesses.size(); ++i) {
    witnesses[i].accuser = observers[i];
    witnesses[i].epochs.push_back(Epoch{1});
  }
  if (!policy.judge(subject, witnesses, {}).condemned) state.SkipWithError("not condemned");
  for (auto step : state) benchmark::DoNotOptimize(policy.judge(subject, witnesses, {}).counting);
  state.counters["k"] = static_cast<double>(witnesses.size());
}

BENCHMARK(observers_after_a_change)->Arg(1)->Arg(100)->Arg(512);
BENCHMARK(observers_first_asked);
BENCHMARK(stranger_turned_away);
BENCHMARK(committee_cold)->Args({10'000, 100'000, 4})->Args({256, 333'333, 4})->Args({16'384, 200'000, 4})
    ->Args({16'384, 333'333, 18})->Unit(benchmark::kMicrosecond);
BENCHMARK(committee_warm);
BENCHMARK(judge_with_k_witnesses);

}  // namespace
}  // namespace quorumor
