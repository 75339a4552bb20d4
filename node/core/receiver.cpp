#include "node/core/receiver.h"

#include <algorithm>

namespace quorumor {

bool Receiver::on_datagram(const Endpoint& from, Bytes datagram) {
  ++s_.counters.datagrams_in;
  s_.counters.bytes_in += datagram.size();
  if (s_.silent) return false;
  const auto head = parse_head(datagram);
  if (!head) return drop(head.error()), false;

  bool reply = false;
  Member* introduced = nullptr;
  EntryName introduced_under;
  if (head.value().type == kLongType) {
    introduced = take_introduction(datagram, reply, introduced_under);
    // Refused or not, it may have brought a credential.
    if (introduced == nullptr) return true;
  }
  const auto opened = s_.links.open(s_.ring, datagram, plain_);
  if (!opened) {
    drop(opened.error());
    // Its owner has credentials and a key of ours, but sealed to a session that is gone: say who we are now.
    if (introduced != nullptr && !reply) answer_introduction(*introduced, from, introduced_under);
    return introduced != nullptr;
  }
  if (!decode_message(opened.value().plain, message_)) return drop(DropReason::malformed), true;
  Member* member = s_.by_link[opened.value().peer];
  QUORUMOR_ASSERT(member != nullptr);
  if (member->state == MemberState::evicted) return on_evicted_frame(*member, from), true;
  const Sender::Answering answering(sender_, *member, opened.value().under);
  apply(*member, from, opened.value().under, message_);
  return true;
}

// Takes the long frame off the front of `datagram`. Nothing if it is not an introduction of somebody entitled.
Member* Receiver::take_introduction(Bytes& datagram, bool& reply, EntryName& under) {
  const auto head = parse_head(datagram);
  const Keyring::Entry* entry = s_.ring.find_tag(head.value().tag);
  if (entry == nullptr) return drop(DropReason::unknown_epoch), nullptr;
  const auto frame = split_long(datagram, entry->secrets);
  if (!frame) return drop(frame.error()), nullptr;
  const MutableBytes plain = MutableBytes(plain_).first(frame.value().size() - limits::kLongOverhead);
  if (!open_long(plain, frame.value(), s_.id(), entry->secrets)) return drop(DropReason::forged), nullptr;
  datagram = datagram.subspan(frame.value().size());
  under = entry->name();

  Introduction introduction;
  if (!decode_introduction(plain, introduction)) return drop(DropReason::malformed), nullptr;
  ++s_.counters.introductions_in;
  reply = introduction.reply;
  const Rumor core{RumorKind::core, introduction.core, {}};
  const auto decoded = decode_core(core.content());
  if (!decoded) return drop(DropReason::malformed), nullptr;
  intake_.take({RumorKind::credential, introduction.credential, {}});
  intake_.take(core);
  Member* member = s_.table.find(decoded.value().id);
  // Entitled: we hold a verified core of this id. The short frame behind it must still open.
  if (member == nullptr || !member->core || member == s_.self) return drop(DropReason::unexpected), nullptr;
  return member;
}

// Under the introduction's own epoch: nothing else is known of what the other holds, if this node has restarted. For
// this answer only, since whoever has an epoch's key can offer introductions.
void Receiver::answer_introduction(Member& member, const Endpoint& from, const EntryName& under) {
  if (member.contact->introduction_answered_at && s_.now - *member.contact->introduction_answered_at < 1s) return;
  if (member.state == MemberState::evicted) return;
  member.contact.own().introduction_answered_at = s_.now;
  Sender::Options options;
  options.to = from;
  options.introduce = true;
  options.reply = true;
  options.under = under;
  options.gossip = false;
  looks_.ping(member, options);
}

// Refused, whatever it says. If it may not know that it is revoked it is shown the record, once a second: less than it
// has sent, and nothing that it could not have from anybody.
void Receiver::on_evicted_frame(Member& member, const Endpoint& from) {
  drop(DropReason::unexpected);
  ++s_.counters.frames_of_evicted;
  const Rumor record = s_.verdicts.revocation_of(member.id());
  if (record.record.empty() || !s_.is_revoked(member)) return;
  const auto& answered = member.contact->introduction_answered_at;
  if (answered && s_.now - *answered < 1s) return;
  member.contact.own().introduction_answered_at = s_.now;
  Message& told = sender_.blank(MessageKind::want);
  told.rumors.push_back(record);
  Sender::Options options;
  options.to = from;
  options.gossip = false;
  options.even_evicted = true;
  sender_.send(member, told, options);
}

bool Receiver::believes_old(const Message& message) const noexcept {
  const Belief& b = message.belief;
  const Coordinate& at = s_.self->core->core.at;
  if (b.generation != at.generation) return b.generation < at.generation;
  return b.incarnation < at.incarnation;
}

void Receiver::note_sender(Member& member, const Endpoint& from, const EntryName& under, const Message& message) {
  Contact& contact = member.contact.own();
  note_frame(s_, contact, under);
  // It only rises: a frame that was overtaken states a key that its sender may have wiped since.
  const EntryName stated{message.newest_epoch, message.newest_commitment};
  if (contact.stated.stands_before(stated)) contact.stated = stated;
  if (contact.proven != from && member.body) {
    const auto& claimed = member.body->endpoints;
    if (std::find(claimed.begin(), claimed.end(), from) != claimed.end()) contact.proven = from;
  }
  if (message.digest == s_.pair_digest(member)) {
    differs_since_.reset();
  } else if (!differs_since_) {
    differs_since_ = s_.now;
  }
}

void Receiver::apply(Member& member, const Endpoint& from, const EntryName& under, const Message& message) {
  ++s_.counters.messages_in[static_cast<std::size_t>(message.kind)];
  note_sender(member, from, under, message);
  intake_.on_heard(member);
  // Rumors first: an accusation of ourselves among them is refuted in the very answer.
  take_rumors(member, from, message);
  intake_.events().on_stated(member, message.next_event);
  keys_.on_stated(member, from);
  const Coordinate& own = s_.self->core->core.at;
  const Belief& belief = message.belief;
  const bool doubted = belief.state == MemberState::suspect || belief.state == MemberState::unreachable ||
                       belief.state == MemberState::dead;
  if (doubted && belief.generation == own.generation && belief.incarnation == own.incarnation) {
    intake_.on_doubted();
    if (belief.state == MemberState::dead) intake_.on_mourned();
  }
  Sender::Options options;
  options.to = from;
  options.with_own_core = believes_old(message);
  switch (message.kind) {
    case MessageKind::ping:
      sender_.send(member, sender_.blank(MessageKind::ack, message.sequence), options);
      ask_for_body(member, from);
      return;
    case MessageKind::ack: return on_ack(member, under.epoch, message, options);
    case MessageKind::nack: return looks_.on_nack(member, message.sequence);
    case MessageKind::hint:
      if (!watch_.on_hint(member, from, message)) drop(DropReason::over_limit);
      return;
    case MessageKind::want:
      if (!message.wants.empty()) answer_want(member, from, message);
      return;
    case MessageKind::relay:
      if (!relayer_.forward(member, message)) drop(DropReason::over_limit);
      return;
    case MessageKind::relayed:
      if (!relayer_.accept(member, from, message)) drop(DropReason::unexpected);
      return;
    case MessageKind::epoch_key_request:
      if (!keys_.on_request(member, from, message.epoch)) drop(DropReason::over_limit);
      return;
    case MessageKind::epoch_key:
      if (!keys_.on_key(message.epoch, message.epoch_key)) drop(DropReason::unexpected);
      return;
  }
}

void Receiver::on_ack(Member& member, Epoch epoch, const Message& message, Sender::Options options) {
  if (looks_.on_ack(member, message.sequence, true)) epochs_.on_probe_acked(member, epoch);
  if (s_.leaving && !options.with_own_core && leave_acks_.size() < leave_acks_.capacity() &&
      std::find(leave_acks_.begin(), leave_acks_.end(), member.id()) == leave_acks_.end()) {
    leave_acks_.push_back(member.id());
  }
  if (!options.with_own_core) return;
  options.gossip = false;  // it believes something old of us
  sender_.send(member, sender_.blank(MessageKind::want), options);
}

void Receiver::take_rumors(Member& member, const Endpoint& from, const Message& message) {
  boost::container::static_vector<WantItem, limits::kWants> wants;
  const auto want = [&](RumorKind kind, const NodeId& id, std::uint64_t coordinate = 0) {
    const bool asked = std::any_of(wants.begin(), wants.end(), [&](const WantItem& w) {
      return w.kind == kind && w.id == id && w.coordinate == coordinate;
    });
    if (!asked && wants.size() < wants.capacity()) wants.push_back({kind, id, coordinate});
  };
  for (const Rumor& rumor : message.rumors) {
    if (intake_.take(rumor) != IntakeResult::orphaned) continue;
    s_.pen.put(s_.now, member.id(), intake_.missing(), rumor);
    want(intake_.missing().kind, intake_.missing().id);
    // Where its credential is missing, its core most often is too: both are asked for before the event itself.
    const bool needs_core = rumor.kind == RumorKind::accusation || rumor.kind == RumorKind::event;
    want(needs_core ? RumorKind::core : rumor.kind, intake_.missing().id);
    if (rumor.kind == RumorKind::event) want(rumor.kind, intake_.missing().id, intake_.events().waiting().coordinate);
  }
  // Whoever speaks of a thing has what it depends on. One question a member and fifth of a second.
  if (wants.empty() || (member.contact->wanted_at && s_.now - *member.contact->wanted_at < 200ms)) return;
  member.contact.own().wanted_at = s_.now;
  Message& question = sender_.blank(MessageKind::want);
  question.wants = wants;
  Sender::Options options;
  options.to = from;
  options.gossip = false;
  sender_.send(member, question, options);
}

// Without its body no address of it is known, so that nobody here can ask it, and those that can be asked (prober.cpp)
// may lack the same one. It has just spoken: it knows. One question a ping.
void Receiver::ask_for_body(Member& member, const Endpoint& from) {
  if (!member.is_live() || !member.core || member.body) return;
  Message& question = sender_.blank(MessageKind::want);
  question.wants.push_back({RumorKind::body, member.id(), 0});
  Sender::Options options;
  options.to = from;
  options.gossip = false;
  sender_.send(member, question, options);
}

void Receiver::answer_want(Member& member, const Endpoint& from, const Message& message) {
  Message& answer = sender_.blank(MessageKind::want);
  std::size_t budget = limits::kPlain - message_size(answer) - kRumorListOverhead;
  const std::size_t whole = budget;
  Sender::Options options;
  options.to = from;
  options.gossip = false;
  unsigned sent = 0;
  const auto add = [&](RumorKind kind, Bytes record, Bytes payload = {}) {
    const Rumor rumor{kind, record, payload};
    const std::size_t size = rumor_size(rumor);
    if (size > budget || answer.rumors.size() == answer.rumors.capacity()) {
      // Events are asked for one by one, and of long ones a datagram holds one.
      if (kind != RumorKind::event || size > whole || sent + 1 == kAnswersMost) return;
      sender_.send(member, answer, options);
      ++sent;
      answer.rumors.clear();
      budget = whole;
    }
    budget -= size;
    answer.rumors.push_back(rumor);
  };
  std::vector<ByteVector> announcements;  // the views point there; allocates only where epochs are asked for
  for (const WantItem& item : message.wants) {
    if (item.kind == RumorKind::revocation || item.kind == RumorKind::force_leave) {
      const Rumor verdict = intake_.revocations().find(item);
      if (!verdict.record.empty()) add(item.kind, verdict.record);
      continue;
    }
    if (item.kind == RumorKind::announcement && announcements.empty()) {
      announcements = announcements_since(s_.ring, Epoch{item.coordinate});
      for (const ByteVector& record : announcements) add(item.kind, record);
    }
    const Member* about = s_.table.find(item.id);
    if (about == nullptr) continue;
    if (item.kind == RumorKind::credential) add(item.kind, about->credential->record);
    if (item.kind == RumorKind::core && about->core) add(item.kind, about->core->record);
    if (item.kind == RumorKind::body && about->body) add(item.kind, about->body->record);
    if (item.kind == RumorKind::accusation) {
      // From a random one on: a datagram has room for four or so, and who asks again lacks another.
      const auto& witnesses = about->evidence().witnesses();
      const std::size_t first = witnesses.empty() ? 0 : static_cast<std::size_t>(s_.public_rng.below(witnesses.size()));
      for (std::size_t i = 0; i < witnesses.size(); ++i) {
        add(item.kind, *witnesses[(first + i) % witnesses.size()].record);
      }
    }
    if (item.kind == RumorKind::event) {
      const Rumor event = intake_.events().find(item.id, Sequence{item.coordinate});
      if (!event.record.empty()) add(item.kind, event.record, event.payload);
    }
  }
  if (!answer.rumors.empty()) sender_.send(member, answer, options);
}

}  // namespace quorumor
