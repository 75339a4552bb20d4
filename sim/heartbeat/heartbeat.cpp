#include "sim/heartbeat/heartbeat.h"

#include <algorithm>

namespace quorumor::sim {
namespace {

ByteArray<32> seed_bytes(std::uint64_t seed) {
  ByteArray<32> out{};
  store_le<std::uint64_t>(out.data(), seed);
  return out;
}

}  // namespace

HeartbeatCluster::HeartbeatCluster(const HeartbeatSettings& settings, const LinkProfile& network, std::uint64_t seed)
    : settings_(settings), rng_(seed_bytes(seed), "heartbeat") {
  network_.set_everywhere(network);
  const std::size_t n = settings_.nodes;
  counters_.assign(n * n, 0);
  raised_.assign(n * n, now_);
  failed_.assign(n * n, 0);
  crashed_.assign(n, false);
  for (Index i = 0; i < n; ++i) {
    const auto offset = rng_.below(static_cast<std::uint64_t>(settings_.period.count()));
    queue_.push({now_ + Duration{static_cast<std::int64_t>(offset)}, next_order_++, i, 0, {}});
  }
}

void HeartbeatCluster::judge(Index node) {
  const std::size_t row = node * settings_.nodes;
  for (Index j = 0; j < settings_.nodes; ++j) {
    const Duration silence = now_ - raised_[row + j];
    if (j == node || silence < settings_.t_fail || failed_[row + j] == 2) continue;
    if (failed_[row + j] == 0) {
      failed_[row + j] = 1;
      failings_.push_back({now_, node, j});
      mix(j * 31 + node);
    }
    if (silence >= settings_.t_cleanup) failed_[row + j] = 2;
  }
}

void HeartbeatCluster::turn(Index node) {
  const std::size_t n = settings_.nodes, row = node * n;
  ++counters_[row + node];
  raised_[row + node] = now_;
  judge(node);
  if (n > 1) {
    Index to = static_cast<Index>(rng_.below(n - 1));
    to += to >= node ? 1 : 0;
    for (std::size_t first = 0; first < n && failed_[row + to] == 0; first += kEntriesADatagram) {
      const std::size_t last = std::min(n, first + kEntriesADatagram);
      const std::size_t size = 16 + (last - first) * kEntryBytes;
      ++datagrams_;
      bytes_ += size;
      mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()) ^ to);
      for (const Duration after : network_.datagram(now_, node, to, size, rng_)) {
        Happening h{now_ + after, next_order_++, to, first, {}};
        h.counters.assign(counters_.begin() + static_cast<std::ptrdiff_t>(row + first),
                          counters_.begin() + static_cast<std::ptrdiff_t>(row + last));
        // Whom it holds for failed is not passed on: that is what t_cleanup is about.
        for (std::size_t j = first; j < last; ++j)
          h.counters[j - first] = failed_[row + j] == 0 ? h.counters[j - first] : 0;
        queue_.push(std::move(h));
      }
    }
  }
  queue_.push({now_ + settings_.period, next_order_++, node, 0, {}});
}

void HeartbeatCluster::receive(const Happening& h) {
  ++arrived_;
  const std::size_t row = h.node * settings_.nodes;
  for (std::size_t k = 0; k < h.counters.size(); ++k) {
    const std::size_t at = row + h.first + k;
    if (h.counters[k] <= counters_[at]) continue;
    counters_[at] = h.counters[k];
    raised_[at] = now_;
    failed_[at] = 0;
  }
}

void HeartbeatCluster::run_until(Instant end) {
  while (!queue_.empty() && queue_.top().at <= end) {
    Happening h = queue_.top();
    queue_.pop();
    now_ = h.at;
    if (crashed_[h.node]) continue;
    if (h.counters.empty()) {
      turn(h.node);
    } else {
      receive(h);
    }
  }
  now_ = end;
}

}  // namespace quorumor::sim
