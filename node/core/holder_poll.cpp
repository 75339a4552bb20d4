#include "node/core/holder_poll.h"

#include "node/core/keymaster.h"

#include <algorithm>

namespace quorumor {

void HolderPoll::start() {
  passes_ = 0;
  next_ = 0;
  asked_ = false;
  pass_at_ = s_.now + s_.config.probe_interval;
  ask_at_ = pass_at_;
}

void HolderPoll::on_timer() {
  if (ask_at_ && s_.now >= *ask_at_) ask_next();
}

void HolderPoll::ask_next() {
  ask_at_ = s_.now + Duration{1s} / s_.config.proving_pings;
  const Keyring::Entry* newest = s_.ring.newest_with_key();
  const auto& all = s_.table.all();
  while (newest != nullptr && next_ < all.size()) {
    Member& member = *all[next_++];
    if (&member == s_.self || !member.is_live() || !member.contact->proven || states(member, *newest)) continue;
    asked_ = true;
    if (looks_.ping(member, {})) return;
  }
  end_pass();
}

void HolderPoll::end_pass() {
  ask_at_.reset();
  if (!asked_ || ++passes_ == kPasses) return;
  pass_at_ = std::max(s_.now, pass_at_ + s_.config.probe_interval);
  ask_at_ = pass_at_;
  next_ = 0;
  asked_ = false;
}

}  // namespace quorumor
