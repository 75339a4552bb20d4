// Operations on the rumor queue and on the naive one. `RumorQueueMachine::apply` runs one on both and says how they
// differ; property tests and fuzzers feed it operations read from bytes, so that a finding of either replays in the
// other. It needs no test framework.
#pragma once

#include "base/codec.h"
#include "model/naive_rumor_queue.h"

#include <optional>
#include <string>
#include <vector>

namespace quorumor::test {

using RumorList = boost::container::static_vector<Rumor, limits::kRumors>;

struct RumorQueueOp {
  enum class Do : std::uint8_t { push, erase, erase_about, take };
  static constexpr std::size_t kEncoded = 9;

  Do what = Do::push;
  RumorQueue::Key key;         // push, erase; `about`: erase_about; `about` is the receiver: take
  bool refutes = false;        // push; a core only
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
    op.key.tag[15] = std::byte{static_cast<unsigned char>(in.u8() % 4)};
    if (op.key.kind <= RumorKind::body) op.key.tag = {};  // one a subject
    const std::uint8_t extra = in.u8();
    op.record = 70 + in.u16() % 600;
    if (extra % 4 == 0) op.record = 200;  // many of equal length
    if (op.key.kind == RumorKind::event) op.payload = extra * 2u;
    if (extra % 16 == 3) op.record = 1000;
    op.refutes = op.key.kind == RumorKind::core && extra % 2 == 0;
    op.budget = in.u16() % 2048;
    if (extra % 4 == 1) op.budget = 1100;
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
    if (!difference && queue_.bytes() != naive_.bytes()) difference = "bytes";
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
    queue_.push(op.key, {op.key.kind, record, payload},
                op.refutes ? RumorQueue::Purpose::refutation : RumorQueue::Purpose::news);
    naive_.push(op.key, op.refutes, record, payload);
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
