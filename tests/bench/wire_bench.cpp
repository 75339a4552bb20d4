// Frames against their floor, the bare AEAD calls, in one run.
#include "bench/fixture.h"

#include <benchmark/benchmark.h>

namespace quorumor::bench {
namespace {

constexpr std::size_t kPayload = 256;

void raw_aead_seal_and_open(benchmark::State& state, Suite suite) {
  ByteArray<32> key{};
  ByteArray<kPayload> plain{};
  ByteArray<kPayload + kAeadTag> sealed{};
  ByteArray<37> associated{};
  std::uint64_t counter = 0;
  for (auto _ : state) {
    Nonce96 nonce{};
    store_le<std::uint64_t>(nonce.data(), ++counter);
    aead_seal(suite, sealed, plain, associated, nonce, key);
    benchmark::DoNotOptimize(aead_open(suite, plain, sealed, associated, nonce, key));
  }
}

void frame_seal_and_open(benchmark::State& state, Suite suite) {
  Fixture f(0, suite);
  Drbg rng(ByteArray<32>{}, "frames");
  SessionKey a = SessionKey::generate(rng), b = SessionKey::generate(rng);
  NodeId ida{}, idb{};
  rng.fill(ida);
  rng.fill(idb);
  const SessionPublicKey pa = a.public_key(), pb = b.public_key();
  Links from(f.ring().cluster(), ida, std::move(a)), to(f.ring().cluster(), idb, std::move(b));
  const auto peer = from.put(idb, pb);
  to.put(ida, pa);
  ByteArray<kPayload> plain{};
  alignas(8) ByteArray<limits::kDatagram> out{}, opened{};
  for (auto _ : state) {
    const Bytes sealed = from.seal(peer, f.epoch(), plain, out);
    const auto result = to.open(f.ring(), sealed, opened);
    if (!result) state.SkipWithError("a good frame was refused");
  }
}

// The first frame to a peer: the exchange of session keys, the pair keys, and the seal.
void first_contact(benchmark::State& state) {
  Fixture f(0);
  Drbg rng(ByteArray<32>{}, "first contact");
  SessionKey own = SessionKey::generate(rng);
  const SessionPublicKey theirs = SessionKey::generate(rng).public_key();
  NodeId id{};
  rng.fill(id);
  Links links(f.ring().cluster(), id, std::move(own));
  ByteArray<kPayload> plain{};
  alignas(8) ByteArray<limits::kDatagram> out{};
  for (auto _ : state) {
    rng.fill(id);
    const auto peer = links.put(id, theirs);
    if (links.seal(peer, f.epoch(), plain, out).empty()) state.SkipWithError("nothing was sealed");
    state.PauseTiming();
    links.remove(peer);
    state.ResumeTiming();
  }
}

// All that a rotation costs in keys: the first frame under a new epoch to each of the peers of a whole cluster. Only
// `active_max` links hold keys at a time, so this also evicts and agrees on session secrets anew.
void first_frames_under_a_new_epoch(benchmark::State& state) {
  Fixture f(0);
  Drbg rng(ByteArray<32>{}, "rotation");
  NodeId id{};
  rng.fill(id);
  Links links(f.ring().cluster(), id, SessionKey::generate(rng));
  std::vector<Links::Handle> peers;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    rng.fill(id);
    peers.push_back(links.put(id, SessionKey::generate(rng).public_key()));
  }
  Keyring::Entry epoch;
  ByteArray<kPayload> plain{};
  alignas(8) ByteArray<limits::kDatagram> out{};
  for (auto _ : state) {
    state.PauseTiming();
    epoch.announcement.announcement.epoch = *epoch.epoch().next();
    epoch.key = EpochKey::generate(rng);
    epoch.announcement.announcement.commitment = epoch.key.commitment(f.ring().cluster());
    epoch.secrets = EpochSecrets::derive(epoch.key, f.ring().cluster());
    state.ResumeTiming();
    for (const auto peer : peers) {
      if (links.seal(peer, epoch, plain, out).empty()) state.SkipWithError("nothing was sealed");
    }
  }
}

void garbage_dropped(benchmark::State& state, bool right_tag) {
  Fixture f(100);
  Drbg rng(ByteArray<32>{}, "garbage");
  std::vector<ByteVector> garbage(1024);
  for (auto& g : garbage) {
    g.resize(200);
    rng.fill(g);
    g[0] = kShortType;
    if (right_tag) std::memcpy(g.data() + 1, f.epoch().secrets.tag.data(), 4);
  }
  std::size_t i = 0;
  const Endpoint from = Endpoint::v4(192, 0, 2, 1, 1);
  for (auto _ : state) {
    if (!f.node().on_datagram(f.now(), from, garbage[i++ % garbage.size()]).empty()) {
      state.SkipWithError("garbage was answered");
    }
  }
}

BENCHMARK_CAPTURE(raw_aead_seal_and_open, chacha20_256B_floor, Suite::chacha20_poly1305);
BENCHMARK_CAPTURE(frame_seal_and_open, chacha20_256B, Suite::chacha20_poly1305);
BENCHMARK_CAPTURE(raw_aead_seal_and_open, aes256gcm_256B_floor, Suite::aes256_gcm);
BENCHMARK_CAPTURE(frame_seal_and_open, aes256gcm_256B, Suite::aes256_gcm);
BENCHMARK(first_contact);
BENCHMARK(first_frames_under_a_new_epoch)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(garbage_dropped, wrong_epoch_tag, false);
BENCHMARK_CAPTURE(garbage_dropped, right_epoch_tag, true);

}  // namespace
}  // namespace quorumor::bench
