// The rumor queue, done naively: one vector, sorted whole at each take. `RumorQueueMachine::apply` runs one operation
// on both and says how they differ; property tests and fuzzers feed it operations read from bytes, so that a
// finding of either replays in the other. It needs no test framework.
#pragma once

#include "base/codec.h"
#include "membership/rumor_queue.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace quorumor::test {

using RumorList = boost::container::static_vector<Rumor, limits::kRumors>;

class NaiveRumorQueue {
 public:
  struct Item {
    RumorQueue::Key key;
    ByteVector record;
    ByteVector payload;
    unsigned told = 0;
    std::uint64_t pushed = 0;

    Rumor rumor() const { return {key.kind, record, payload}; }
  };

  void push(const RumorQueue::Key& key, Bytes record, Bytes payload) {
    erase(key);
    if (items_.size() == RumorQueue::kQueuedMax && !give_way(key.kind)) return;
    items_.push_back({key, to_vector(record), to_vector(payload), 0, ++pushed_});
  }
  void erase(const RumorQueue::Key& key) {
    std::erase_if(items_, [&](const Item& item) { return item.key == key; });
  }
  void erase_about(const NodeId& about) {
    std::erase_if(items_, [&](const Item& item) { return item.key.about == about; });
  }
  // What is handed out, in order, and the bytes used.
  std::size_t take(std::size_t budget, unsigned limit, const NodeId& receiver, std::size_t already,
                   std::vector<Item>& out) {
    std::erase_if(items_, [&](const Item& item) { return item.told >= limit; });
    std::sort(items_.begin(), items_.end(), before);
    std::size_t used = 0;
    for (Item& item : items_) {
      const bool its_own = item.key.about == receiver && item.key.kind != RumorKind::accusation;
      const std::size_t cost = rumor_size(item.rumor()) + (already + out.size() == 0 ? kRumorListOverhead : 0);
      if (its_own || already + out.size() == limits::kRumors || used + cost > budget) continue;
      used += cost;
      out.push_back(item);
      ++item.told;
    }
    std::erase_if(items_, [&](const Item& item) { return item.told >= limit; });
    return used;
  }
  std::size_t size() const { return items_.size(); }

 private:
  static bool before(const Item& a, const Item& b) {
    const std::size_t a_size = rumor_size(a.rumor());
    const std::size_t b_size = rumor_size(b.rumor());
    if (a.told != b.told) return a.told < b.told;
    return a_size != b_size ? a_size > b_size : a.pushed > b.pushed;
  }
  bool give_way(RumorKind incoming) {
    static const std::vector<std::vector<RumorKind>> kLeastUrgentFirst{
        {RumorKind::event},        {RumorKind::body},        {RumorKind::credential},
        {RumorKind::core},         {RumorKind::accusation},  {RumorKind::announcement},
        {RumorKind::force_leave},  {RumorKind::revocation, RumorKind::proof}};
    for (const auto& kinds : kLeastUrgentFirst) {
      const auto is_of = [&](RumorKind kind) { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); };
      auto last = items_.end();
      for (auto at = items_.begin(); at != items_.end(); ++at) {
        if (is_of(at->key.kind) && (last == items_.end() || before(*last, *at))) last = at;
      }
      if (last != items_.end()) {
        items_.erase(last);
        return true;
      }
      if (is_of(incoming)) return false;
    }
    return false;
  }

  std::vector<Item> items_;
  std::uint64_t pushed_ = 0;
};

struct RumorQueueOp {
  enum class Do : std::uint8_t { push, erase, erase_about, take };
  static constexpr std::size_t kEncoded = 9;

  Do what = Do::push;
  RumorQueue::Key key;         // push, erase; `about`: erase_about; `about` is the receiver: take
  std::size_t record = 1;      // bytes: push
  std::size_t payload = 0;     // bytes: push
  std::size_t budget = 0;      // take
  unsigned limit = 1;          // take
  std::size_t already = 0;     // take: rumors that are in the list before

  // Any bytes are an operation. Few keys, so that operations meet.
  static RumorQueueOp read(Reader& in) {
    static constexpr Do kMix[] = {Do::push, Do::push, Do::push, Do::push, Do::take, Do::take, Do::erase,
                                  Do::erase_about};
    RumorQueueOp op;
    op.what = kMix[in.u8() % std::size(kMix)];
    op.key.kind = static_cast<RumorKind>(1 + in.u8() % kRumorKinds);
    op.key.about[0] = std::byte{static_cast<unsigned char>(in.u8() % 8)};
    op.key.from[15] = std::byte{static_cast<unsigned char>(in.u8() % 4)};
    const std::uint8_t extra = in.u8();
    op.record = 70 + in.u16() % 600;
    if (extra % 4 == 0) op.record = 200;  // many of equal length
    if (op.key.kind == RumorKind::event) op.payload = extra * 2u;
    op.budget = in.u16() % 2048;
    op.limit = extra % 7;
    op.already = extra % 32 == 31 ? limits::kRumors - 2 : extra % 16 == 15 ? 1 : 0;
    return op;
  }
};

class RumorQueueMachine {
 public:
  // Nothing if both agree; else what they disagree about.
  std::optional<std::string> apply(const RumorQueueOp& op) {
    if (!are_intact()) return "a view changed before the next operation";
    views_.clear();
    expected_.clear();
    std::optional<std::string> difference;
    switch (op.what) {
      case RumorQueueOp::Do::push: push(op); break;
      case RumorQueueOp::Do::erase:
        queue_.erase(op.key);
        naive_.erase(op.key);
        break;
      case RumorQueueOp::Do::erase_about:
        queue_.erase_about(op.key.about);
        naive_.erase_about(op.key.about);
        break;
      case RumorQueueOp::Do::take: difference = take(op); break;
    }
    if (!difference && queue_.size() != naive_.size()) difference = "size";
    if (!difference && queue_.empty() != (naive_.size() == 0)) difference = "empty";
    return difference;
  }
  const RumorQueue& queue() const { return queue_; }
  std::uint64_t taken() const { return taken_; }

 private:
  void push(const RumorQueueOp& op) {
    // Every record differs in its first bytes, so that equal bytes mean the same rumor.
    ByteVector record(op.record);
    store_le(record.data(), ++serial_);
    const ByteVector payload(op.payload, std::byte{static_cast<unsigned char>(serial_ & 0xff)});
    queue_.push(op.key, {op.key.kind, record, payload});
    naive_.push(op.key, record, payload);
  }
  std::optional<std::string> take(const RumorQueueOp& op) {
    views_.resize(op.already);
    const std::size_t used = queue_.take(op.budget, op.limit, op.key.about, views_);
    const std::size_t naive = naive_.take(op.budget, op.limit, op.key.about, op.already, expected_);
    views_.erase(views_.begin(), views_.begin() + static_cast<std::ptrdiff_t>(op.already));
    taken_ += views_.size();
    if (used != naive) return "bytes used: " + std::to_string(used) + ", naively " + std::to_string(naive);
    if (used > op.budget) return "over the budget";
    return are_intact() ? std::nullopt : std::optional<std::string>{"what was handed out, or its order"};
  }
  bool are_intact() const {
    return std::equal(views_.begin(), views_.end(), expected_.begin(), expected_.end(),
                      [](const Rumor& view, const NaiveRumorQueue::Item& item) {
                        return view.kind == item.key.kind && equal(view.record, item.record) &&
                               equal(view.payload, item.payload);
                      });
  }
  RumorQueue queue_;
  NaiveRumorQueue naive_;
  RumorList views_;
  std::vector<NaiveRumorQueue::Item> expected_;
  std::uint64_t serial_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace quorumor::test
