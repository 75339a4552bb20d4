// Rumors that say who they are about, and what a queue tells of them.
#pragma once

#include "membership/rumor_queue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace quorumor::test {

using RumorList = boost::container::static_vector<Rumor, limits::kRumors>;

inline constexpr unsigned kManyTimes = 1000;
inline constexpr std::size_t kWide = 64 * 1024;
inline constexpr std::size_t kDatagramBudget = 1083;  // what is left of a datagram that carries gossip

inline NodeId id_of(std::uint64_t n) {
  NodeId id{};
  store_le(id.data(), n);
  return id;
}
inline const NodeId kNobody = id_of(~0ULL);

inline RumorQueue::Key key_of(std::uint64_t about, RumorKind kind = RumorKind::core) { return {kind, id_of(about), {}}; }

// A record of `size` bytes that says who it is about.
inline ByteVector record_of(std::uint64_t about, std::size_t size) {
  ByteVector out(std::max<std::size_t>(size, 8));
  store_le(out.data(), about);
  return out;
}
inline void push(RumorQueue& queue, std::uint64_t about, std::size_t size = 240, RumorKind kind = RumorKind::core) {
  queue.push(key_of(about, kind), {kind, record_of(about, size), {}});
}
inline std::size_t size_of(std::size_t record) { return rumor_size({RumorKind::core, ByteVector(record), {}}); }

inline std::vector<std::uint64_t> told(const RumorList& list) {
  std::vector<std::uint64_t> out;
  for (const Rumor& rumor : list) out.push_back(load_le<std::uint64_t>(rumor.record.data()));
  return out;
}
inline std::vector<std::uint64_t> take(RumorQueue& queue, std::size_t budget = kWide, unsigned limit = kManyTimes,
                                const NodeId& receiver = kNobody) {
  RumorList out;
  queue.take(budget, limit, receiver, out);
  return told(out);
}

using Told = std::vector<std::uint64_t>;

}  // namespace quorumor::test
