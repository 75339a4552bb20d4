// The pen, done naively: rumors in one list, every rule of pen.h read off again from the whole of it.
#pragma once

#include "membership/pen.h"

#include <algorithm>
#include <map>
#include <vector>

namespace quorumor::test {

class NaivePen {
 public:
  struct Held {
    Instant since;
    NodeId sender;
    RumorKind missing;
    NodeId id;
    ByteVector record;
  };

  bool put(Instant now, const NodeId& sender, RumorKind missing, const NodeId& id, const ByteVector& record) {
    expire(now);
    for (const Held& h : held_) {
      if (h.record == record) return false;
    }
    std::map<NodeId, std::size_t> counts;
    for (const Held& h : held_) ++counts[h.sender];
    if (counts[sender] == Pen::kHeldOfSender || held_.size() == Pen::kHeldMax) {
      NodeId loser = sender;
      if (counts[sender] < Pen::kHeldOfSender) {
        const auto weight = [&](const NodeId& who) { return counts[who] + (who == sender && counts[who] > 0 ? 1 : 0); };
        if (counts[sender] == 0) loser = held_.front().sender;
        for (const Held& h : held_) {
          if (weight(h.sender) > weight(loser)) loser = h.sender;
        }
      }
      held_.erase(std::find_if(held_.begin(), held_.end(), [&](const Held& h) { return h.sender == loser; }));
      ++lost_;
    }
    held_.push_back({now, sender, missing, id, record});
    return true;
  }
  std::vector<ByteVector> release(RumorKind missing, const NodeId& id) {
    std::vector<ByteVector> out;
    std::vector<Held> rest;
    for (const Held& h : held_) {
      if (h.missing == missing && h.id == id) {
        out.push_back(h.record);
      } else {
        rest.push_back(h);
      }
    }
    held_ = rest;
    return out;
  }
  void expire(Instant now) {
    lost_ += std::erase_if(held_, [&](const Held& h) { return now - h.since >= Pen::kPatience; });
  }
  std::size_t size() const { return held_.size(); }
  std::uint64_t lost() const { return lost_; }

 private:
  std::vector<Held> held_;  // in order of arrival
  std::uint64_t lost_ = 0;
};

}  // namespace quorumor::test
