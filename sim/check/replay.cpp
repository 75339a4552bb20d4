// No datagram is accepted twice, and no counter is used twice.
//
// Accepted: while a core has the datagram, its count of accepted messages rises. A short frame is told from all others
// by the AEAD tag that it ends with, so (receiver, its boot, tag) must come once; the introduction that may stand
// before it may be another. Kept: the last kKept of them, all receivers together.
//
// Used: an honest process's counters towards one receiver only rise, whatever state was evicted and derived again, so
// that no (pair of keys, counter) seals two frames. Read from what it sends, with the epoch's header key. Sealed pings
// inside of relay requests are not read: they take numbers between those that are.
#include "sim/cast/inspect.h"
#include "sim/check/parts.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

namespace quorumor::sim {
namespace {

class NoReplay final : public Checker {
 public:
  static constexpr std::size_t kKept = std::size_t{1} << 18;
  static constexpr std::size_t kPairsKept = std::size_t{1} << 22;  // of which counters are followed: 2,000 members'

  explicit NoReplay(SharedPtr shared) : shared_(std::move(shared)) {}
  std::string_view promise() const noexcept override { return "no-replay"; }

  void on_delivery(const Stage& stage, World::Index, World::Index to, Bytes) override {
    before_ = accepted_messages(look_into(stage.world, to));
  }

  void on_delivered(const Stage& stage, World::Index from, World::Index to, Bytes datagram) override {
    if (!stage.cast.is_honest(to) || accepted_messages(look_into(stage.world, to)) == before_) return;
    const std::uint64_t key = identity_of(datagram, to, stage.cast[to].boots);
    if (!seen_.insert(key).second) {
      return violated(stage, name_of(stage, to) + " accepted a datagram of " + name_of(stage, from) + " twice",
                      shared_->trace.window(stage, to, from));
    }
    if (order_.size() < kKept) return order_.push_back(key);
    seen_.erase(order_[oldest_]);
    order_[oldest_] = key;
    oldest_ = (oldest_ + 1) % kKept;
  }

  void on_datagram(const Stage& stage, World::Index from, const Transmit& t) override {
    if (!stage.cast.is_honest(from) || !stage.world.is_running(from)) return;
    const auto to = stage.world.find(t.to);
    if (!to) return;
    const auto header = header_of(look_into(stage.world, from), stage.world.id(*to), t.datagram);
    if (!header) return;
    const std::uint64_t pair = pair_key(from, *to);
    if (counters_.size() >= kPairsKept && !counters_.contains(pair)) return;
    Used& used = counters_[pair];
    if (used.boot == stage.cast[from].boots && header->counter <= used.counter) {
      violated(stage, name_of(stage, from) + " sealed for " + name_of(stage, *to) + " under counter " +
                          std::to_string(header->counter) + " after " + std::to_string(used.counter),
               shared_->trace.window(stage, from, *to));
    }
    used = {header->counter, stage.cast[from].boots};
  }

 private:
  struct Used {
    std::uint64_t counter = 0;
    unsigned boot = 0;
  };

  // 64 bits of what must be unique: two of 2^18 are the same by chance once in 10^8 runs of 10^6 datagrams.
  static std::uint64_t identity_of(Bytes datagram, World::Index to, unsigned boot) {
    const Bytes tag = datagram.last(kAeadTag);
    std::uint64_t out = load_le<std::uint64_t>(tag.data()) ^ 0x9e3779b97f4a7c15ULL * (std::uint64_t{to} + 1);
    out = (out ^ load_le<std::uint64_t>(tag.data() + 8) * 0xff51afd7ed558ccdULL) + boot * 0xc4ceb9fe1a85ec53ULL;
    return out ^ out >> 32;
  }

  // The short frame's header; nothing if it is none that this sender's keys seal.
  static std::optional<ShortHeader> header_of(const CoreState& sender, const NodeId& receiver, Bytes datagram) {
    const auto frame = short_frame_of(sender, datagram);
    if (!frame) return std::nullopt;
    const ShortHeader header = unmask_short(frame->bytes, receiver, frame->under->secrets);
    if (header.sender_prefix != id_prefix(sender.id())) return std::nullopt;
    return header;
  }

  SharedPtr shared_;
  std::uint64_t before_ = 0;
  boost::unordered_flat_set<std::uint64_t> seen_;
  std::vector<std::uint64_t> order_;
  std::size_t oldest_ = 0;
  boost::unordered_flat_map<std::uint64_t, Used> counters_;  // never iterated
};

}  // namespace

std::unique_ptr<Checker> no_replay_checker(SharedPtr shared) { return std::make_unique<NoReplay>(std::move(shared)); }

}  // namespace quorumor::sim
