#include "node/core/sender.h"

#include "membership/suspicion.h"

namespace quorumor {

namespace {

// Of an accusation inside a sealed ping that a relay carries: both envelopes must fit one datagram.
constexpr std::size_t kCarriedAccusationMost = 800;

}  // namespace

Message& Sender::blank(MessageKind kind, Sequence sequence) {
  blank_.kind = kind;
  blank_.sequence = sequence;
  blank_.rumors.clear();
  blank_.wants.clear();
  return blank_;
}

// The greatest that the peer holds as far as this node knows (PROTOCOL section 3): what it has stated, or used, or what
// is older than what it has stated (a guess: of two chains that have not met, the greater number on one is no proof of
// the lesser on the other); failing that the epoch of its last frame, also if that has retired here since; else the
// lowest held, which whoever was away is most likely to hold too. Two go before: the retired epoch of a frame that is
// being answered, and after a ping that got no answer what the peer itself spoke under last.
const Keyring::Entry* Sender::entry_for(const Member& to) const noexcept {
  if (answered_.first == &to && s_.ring.find(answered_.second.epoch, answered_.second.commitment) == nullptr) {
    if (const Keyring::Entry* retired = s_.ring.find_readable(answered_.second)) return retired;
  }
  const Contact& said = *to.contact;
  const Keyring::Entry* last = s_.ring.find_readable(said.last_frame);
  if (last != nullptr && said.unanswered_since && !said.answered_last_ping) return last;
  const auto& entries = s_.ring.entries();
  for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
    if (!it->has_key()) continue;
    const EntryName name = it->name();
    if (name == said.used || name == said.stated || name.epoch < said.stated.epoch) return &*it;
  }
  if (last != nullptr) return last;
  return s_.ring.lowest_with_key();
}

void Sender::fill_header(Member& to, Message& message) {
  const Keyring::Entry* newest = s_.ring.newest_with_key();
  message.newest_epoch = newest->epoch();
  message.newest_commitment = commitment_prefix(newest->commitment());
  message.digest = s_.pair_digest(to);
  message.next_event = static_cast<std::uint32_t>(s_.next_event.value);
  message.belief = {};
  if (to.core) {
    message.belief = {to.core->core.at.generation, to.core->core.at.incarnation, to.state};
  }
}

// The shortest: a batch says no more about its receiver than a single one. Empty if there is none of that size.
Bytes Sender::accusation_of(const Member& to, std::size_t most) const noexcept {
  Bytes best;
  if (to.state == MemberState::alive || s_.without.buddy_system) return best;
  for (const Witness& w : to.evidence().witnesses()) {
    if (w.record->size() <= most && (best.empty() || w.record->size() < best.size())) best = *w.record;
  }
  return best;
}

void Sender::add_rumors(Member& to, Message& message, std::size_t budget, const Options& options) {
  std::size_t used = 0;
  const auto add = [&](const Rumor& rumor) {
    const std::size_t size = rumor_size(rumor) + (message.rumors.empty() ? kRumorListOverhead : 0);
    if (used + size > budget || message.rumors.size() == message.rumors.capacity()) return;
    message.rumors.push_back(rumor);
    used += size;
  };
  for (const Rumor& rumor : message.rumors) used += rumor_size(rumor);
  if (!message.rumors.empty()) used += kRumorListOverhead;
  if (options.with_own_core) add({RumorKind::core, s_.self->core->record, {}});
  // A member that we hold for less than alive is told who accused it, so that it can refute.
  const Bytes accusation = accusation_of(to, budget);
  if (!accusation.empty()) add({RumorKind::accusation, accusation, {}});
  if (!options.gossip || s_.queue.empty() || used >= budget) return;
  s_.queue.take(budget - used, retransmit_limit(s_.config.retransmit_mult, s_.live), to.id(), message.rumors);
}

std::size_t Sender::write_introduction(Member& to, const Keyring::Entry& entry, bool reply, MutableBytes out) {
  Introduction introduction;
  introduction.reply = reply;
  introduction.credential = s_.self->credential->record;
  introduction.core = s_.self->core->record;
  const Bytes plain = encode_introduction(introduction, plain_);
  QUORUMOR_ASSERT(!plain.empty());
  Nonce192 nonce;
  s_.public_rng.fill(nonce);
  to.contact.own().introduced_at = s_.now;
  ++s_.counters.introductions_out;
  return seal_long(out, plain, nonce, to.id(), entry.secrets).size();
}

bool Sender::send(Member& to, Message& message, const Options& options) {
  const auto address = options.to ? options.to : endpoint_of(s_, to);
  const Keyring::Entry* entry = options.under ? s_.ring.find_readable(*options.under) : entry_for(to);
  if (to.state == MemberState::evicted && !options.even_evicted) return false;
  if (s_.silent || !address || entry == nullptr || !s_.out.room() || s_.link_to(to) == Links::kNone) return false;

  const MutableBytes space = s_.out.datagram_space();
  std::size_t used = 0;
  if (options.introduce) used = write_introduction(to, *entry, options.reply, space);

  // To an endpoint that nobody has proven goes no gossip, and never more than three bytes for one.
  const bool proven = to.contact->proven == address || options.to.has_value();
  const std::size_t most = proven ? limits::kDatagram
                                  : (options.introduce ? limits::kUnprovenIntroduction : limits::kUnprovenPing);
  fill_header(to, message);
  const std::size_t fixed = used + limits::kShortOverhead + message_size(message);
  if (fixed > most) return false;
  Options rumors = options;
  rumors.gossip = options.gossip && proven;
  add_rumors(to, message, most - fixed, rumors);

  const Bytes plain = encode_message(message, plain_);
  QUORUMOR_ASSERT(!plain.empty());
  const MutableBytes sealed = s_.links.seal(to.contact->link, *entry, plain, space.subspan(used));
  if (sealed.empty()) return false;
  used += sealed.size();
  s_.out.transmit(*address, used);
  ++s_.counters.datagrams_out;
  s_.counters.bytes_out += used;
  ++s_.counters.messages_out[static_cast<std::size_t>(message.kind)];
  return true;
}

Bytes Sender::seal_bare(Member& to, Message& message, MutableBytes out) {
  const Keyring::Entry* entry = entry_for(to);
  if (s_.silent || entry == nullptr || to.state == MemberState::evicted || s_.link_to(to) == Links::kNone) return {};
  fill_header(to, message);
  // The one rumor that cannot wait: a member that is accused must hear of it, also by this way.
  const Bytes accusation = accusation_of(to, kCarriedAccusationMost);
  if (!accusation.empty()) message.rumors.push_back({RumorKind::accusation, accusation, {}});
  const Bytes plain = encode_message(message, plain_);
  QUORUMOR_ASSERT(!plain.empty());
  return s_.links.seal(to.contact->link, *entry, plain, out);
}

bool Sender::gossip(Member& to) {
  if (s_.queue.empty() || !to.contact->proven) return false;
  Message& message = blank(MessageKind::want);
  const std::size_t fixed = limits::kShortOverhead + message_size(message);
  s_.queue.take(limits::kDatagram - fixed, retransmit_limit(s_.config.retransmit_mult, s_.live), to.id(),
                message.rumors);
  if (message.rumors.empty()) return false;
  Options options;
  options.gossip = false;
  return send(to, message, options);
}

}  // namespace quorumor
