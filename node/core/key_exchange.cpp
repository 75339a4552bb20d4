#include "node/core/key_exchange.h"

#include <algorithm>

namespace quorumor {

bool holds_revocations(const CoreState& state, const Announcement& announcement) noexcept {
  return std::all_of(announcement.revocations.begin(), announcement.revocations.end(),
                     [&](const Digest& revocation) { return state.verdicts.knows(revocation); });
}

bool is_entitled_to_keys(const CoreState& state, const Member& member) {
  return member.state != MemberState::evicted &&
         check_validity(member.credential->whole(), state.wall_now()) == Validity::valid;
}

std::vector<ByteVector> announcements_since(const Keyring& ring, Epoch epoch) {
  std::vector<ByteVector> out;
  for (const Keyring::Entry& entry : ring.entries()) {
    if (epoch <= entry.epoch()) out.push_back(join_record(entry.announcement.content, entry.announcement.signature));
  }
  if (const auto& r = ring.retirement()) out.push_back(join_record(r->announcement.content, r->announcement.signature));
  return out;
}

// --- asking --------------------------------------------------------------------------------------------------------

bool KeyExchange::lacks_keys() const noexcept {
  const auto& entries = s_.ring.entries();
  return std::any_of(entries.begin(), entries.end(), [](const auto& e) { return !e.has_key(); });
}

void KeyExchange::on_stated(Member& from, const Endpoint& endpoint) {
  const Keyring::Entry* newest = s_.ring.newest_with_key();
  const Contact& said = *from.contact;
  if (newest == nullptr || said.stated.epoch < newest->epoch()) return;
  if (said.stated.epoch == newest->epoch() && said.stated.commitment == commitment_prefix(newest->commitment())) return;
  const Keyring::Entry* stated = s_.ring.find(said.stated.epoch, said.stated.commitment);
  if (stated == nullptr) return want_announcements(from, endpoint);
  if (!stated->has_key() && s_.now >= ask_at_) ask(from, endpoint, stated->epoch());
}

void KeyExchange::ask(Member& whom, const std::optional<Endpoint>& endpoint, Epoch epoch) {
  ask_at_ = s_.now + pause_;
  pause_ = std::min(pause_ + kAskAgain, kAskAgainMost);
  Message& question = sender_.blank(MessageKind::epoch_key_request);
  question.epoch = epoch;
  Sender::Options options;
  options.to = endpoint;
  options.gossip = false;
  if (sender_.send(whom, question, options)) ++s_.counters.keys_requested;
}

// From the number on that this node speaks under: what they hold may hang on another of that number.
void KeyExchange::want_announcements(Member& from, const Endpoint& endpoint) {
  if (s_.now < want_at_) return;
  want_at_ = s_.now + kWantAgain;
  if (++vain_wants_ > kVainWants) {
    vain_wants_ = 0;
    wish_ = from.id();
  }
  Message& question = sender_.blank(MessageKind::want);
  question.wants.push_back({RumorKind::announcement, {}, s_.ring.newest_with_key()->epoch().value});
  Sender::Options options;
  options.to = endpoint;
  options.gossip = false;
  sender_.send(from, question, options);
}

// Whatever is news may be had at once; what nobody would give keeps nobody from asking for it.
void KeyExchange::on_ring() {
  pause_ = look_pause_ = kAskAgain;
  vain_wants_ = 0;
  ask_at_ = s_.now;
  look_at_ = s_.now + look_pause_;
}

bool KeyExchange::ask_a_holder(const Keyring::Entry& entry) {
  Member* holder = nullptr;
  std::uint64_t seen = 0;
  for (Member* const m : s_.table.all()) {  // one of those that state it, or a newer one, each with the same chance
    const Contact& said = *m->contact;
    const bool holds =
        entry.epoch() < said.stated.epoch || (entry.epoch() == said.stated.epoch &&
                                              commitment_prefix(entry.commitment()) == said.stated.commitment);
    if (m != s_.self && m->is_live() && said.proven && holds && s_.secret_rng.below(++seen) == 0) holder = m;
  }
  if (holder == nullptr) return false;
  ask(*holder, std::nullopt, entry.epoch());
  return true;
}

void KeyExchange::on_timer() {
  if (!lacks_keys() || s_.now < look_at_) return;
  look_at_ = s_.now + look_pause_;
  look_pause_ = std::min(look_pause_ + kAskAgain, kAskAgainMost);
  const auto& entries = s_.ring.entries();
  for (auto it = entries.rbegin(); it != entries.rend(); ++it) {  // the newest that somebody has
    if (!it->has_key() && ask_a_holder(*it)) return;
  }
}

std::optional<Instant> KeyExchange::next_deadline() const {
  if (!lacks_keys()) return std::nullopt;
  return look_at_;
}

bool KeyExchange::on_key(Epoch epoch, Bytes key) {
  EpochKey given;
  given.key = Secret<32>::copy_of(key.first<32>());
  if (!s_.ring.set_key(epoch, std::move(given))) return false;
  ++s_.counters.keys_taken;
  return true;
}

// --- granting ------------------------------------------------------------------------------------------------------

bool KeyExchange::on_request(Member& from, const Endpoint& endpoint, Epoch epoch) {
  const Instant floor = s_.now - kGrantEvery * kGrantBurst;
  Contact& asker = from.contact.own();
  asker.keys_granted_until = std::max(asker.keys_granted_until, floor);
  bool given = false;
  if (is_entitled_to_keys(s_, from)) {
    for (const Keyring::Entry& entry : s_.ring.entries()) {
      if (!holds_revocations(s_, entry.announcement.announcement)) break;  // nor what is chained to it
      const bool has_it =
          asker.stated.epoch == epoch && asker.stated.commitment == commitment_prefix(entry.commitment());
      if (entry.epoch() != epoch || !entry.has_key() || has_it) continue;
      if (s_.now < asker.keys_granted_until + kGrantEvery) break;
      asker.keys_granted_until += kGrantEvery;
      Message& answer = sender_.blank(MessageKind::epoch_key);
      answer.epoch = epoch;
      answer.epoch_key = entry.key.key.bytes();
      Sender::Options options;
      options.to = endpoint;
      options.gossip = false;
      if (!sender_.send(from, answer, options)) continue;
      ++s_.counters.keys_given;
      given = true;
    }
  }
  if (!given) ++s_.counters.keys_refused;
  return given;
}

}  // namespace quorumor
