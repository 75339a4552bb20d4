#include "node/core/epochs.h"

#include <algorithm>

namespace quorumor {

const char* to_string(AnnouncementRefusal reason) noexcept {
  switch (reason) {
    case AnnouncementRefusal::malformed: return "malformed";
    case AnnouncementRefusal::not_entitled: return "not_entitled";
    case AnnouncementRefusal::bad_signature: return "bad_signature";
    case AnnouncementRefusal::buried: return "buried";
    case AnnouncementRefusal::unchained: return "unchained";
    case AnnouncementRefusal::too_soon: return "too_soon";
    case AnnouncementRefusal::forked: return "forked";
    case AnnouncementRefusal::not_now: return "not_now";
  }
  return "?";
}

// --- announcements in ----------------------------------------------------------------------------------------------

IntakeResult Epochs::refuse(AnnouncementRefusal reason) noexcept {
  ++s_.counters.announcements_refused[static_cast<std::size_t>(reason)];
  return IntakeResult::refused;
}

IntakeResult Epochs::refuse(RingError error) noexcept {
  switch (error) {
    case RingError::known: return IntakeResult::known;
    case RingError::buried: return refuse(AnnouncementRefusal::buried);
    case RingError::too_soon: return refuse(AnnouncementRefusal::too_soon);
    default: return refuse(AnnouncementRefusal::unchained);
  }
}

bool Epochs::is_waiting(const Digest& digest) const noexcept {
  return std::any_of(held_.begin(), held_.end(), [&](const Held& h) { return h.digest == digest; });
}

bool Epochs::is_withheld_fork(const Announcement& a) const noexcept {
  const auto& entries = s_.ring.entries();
  return std::any_of(entries.begin(), entries.end(), [&](const Keyring::Entry& entry) {
    return entry.epoch() == a.epoch && !entry.has_key() && entry.announcement.announcement.signer == a.signer;
  });
}

// The strictest of what is held: a keymaster must not free itself of the interval by its own announcement.
Duration Epochs::pace() const noexcept {
  std::chrono::seconds out{0};
  for (const Keyring::Entry& entry : s_.ring.entries()) {
    if (!entry.has_key()) continue;
    out = std::max(out, std::chrono::seconds{entry.announcement.announcement.parameters.min_interval_s});
  }
  return std::min<std::chrono::seconds>(out, std::chrono::hours{24});
}

// How long a verified announcement must wait; nothing if it need not.
std::optional<Duration> Epochs::wait_of(const Announcement& a) const noexcept {
  if (a.kind == AnnouncementKind::retire) return std::nullopt;  // its conditions are what it waits for
  const auto ahead = a.signed_at - s_.wall_now() - kAhead;
  if (ahead > 0ms) return std::min<Duration>(ahead, kPatience);
  const auto& entries = s_.ring.entries();
  const bool on_a_key = a.epoch == Epoch{1} || std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return entry.has_key() && entry.announcement.digest() == a.predecessor;
  });
  // What has lost its predecessor's key to the ring's end was chained to it; what never had it waits for it.
  const bool has_lost = std::none_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return entry.announcement.digest() == a.predecessor;
  });
  if (!on_a_key && !has_lost) return kPatience;
  const Duration burst = pace() * kBurst;
  if (paced_until_ + pace() > s_.now + burst) return paced_until_ + pace() - burst - s_.now;
  return std::nullopt;
}

IntakeResult Epochs::put_off(const Rumor& rumor, const Announcement& a, const Digest& digest, Duration wait) {
  ++s_.counters.announcements_refused[static_cast<std::size_t>(AnnouncementRefusal::not_now)];
  const auto of_signer =
      std::count_if(held_.begin(), held_.end(), [&](const Held& h) { return h.signer == a.signer; });
  if (held_.size() < kHeldMax && static_cast<std::size_t>(of_signer) < kHeldOfSigner) {
    held_.push_back({to_vector(rumor.record), digest, a.signer, s_.now + wait, s_.now + kPatience});
    // Whose clock is wrong, the keymaster's or ours? Others know.
    if (s_.joined && a.signed_at > s_.wall_now() + kAhead) s_.grafts.seek(digest, s_.now);
  }
  return IntakeResult::known;
}

IntakeResult Epochs::take(const Rumor& rumor) {
  auto decoded = decode_announcement(rumor.content());
  if (!decoded) return refuse(AnnouncementRefusal::malformed);
  Announcement& a = decoded.value();
  const Digest digest = announcement_digest(rumor.content());
  if (is_waiting(digest)) return IntakeResult::known;
  const bool begins = a.kind == AnnouncementKind::begin;
  const auto place = begins ? s_.ring.check_offer(a, digest) : s_.ring.check_retirement(a);
  if (!place) return refuse(place.error());

  const Member* signer = s_.table.find(a.signer);
  if (signer == nullptr || signer->credential->credential.serial < a.signer_serial) {
    missing_ = {RumorKind::credential, a.signer, 0};
    return IntakeResult::orphaned;
  }
  if (signer->credential->credential.serial > a.signer_serial || signer->state == MemberState::evicted ||
      !signer->credential->whole().has_role(kKeymasterRole)) {
    return refuse(AnnouncementRefusal::not_entitled);
  }
  if (begins && is_withheld_fork(a)) return refuse(AnnouncementRefusal::forked);
  ++s_.counters.signature_checks;
  if (!verify(signer->credential->credential.identity, SignDomain::announcement, s_.cluster, rumor.content(),
              rumor.signature())) {
    ++s_.counters.rumors_bad_signature;
    return refuse(AnnouncementRefusal::bad_signature);
  }
  if (const auto wait = wait_of(a)) return put_off(rumor, a, digest, *wait);
  return hold(*signer, rumor, std::move(a));
}

IntakeResult Epochs::hold(const Member& signer, const Rumor& rumor, Announcement announcement) {
  const bool begins = announcement.kind == AnnouncementKind::begin;
  SignedAnnouncement whole{to_vector(rumor.content()), rumor.signature(), std::move(announcement)};
  const Digest digest = whole.digest();
  const auto held = begins ? s_.ring.offer(std::move(whole), signer.credential->record)
                           : s_.ring.hold_retirement(std::move(whole), signer.credential->record);
  if (!held) return refuse(held.error());
  if (begins) paced_until_ = std::max(paced_until_, s_.now) + pace();
  ++s_.counters.announcements_accepted;
  s_.queue.push(announcement_key(digest), rumor);
  return IntakeResult::accepted;
}

void Epochs::announce(SignedAnnouncement announcement, EpochKey key) {
  const Epoch epoch = announcement.announcement.epoch;
  const ByteVector record = join_record(announcement.content, announcement.signature);
  const Digest digest = announcement.digest();
  const auto offered = s_.ring.offer(std::move(announcement), s_.self->credential->record);
  QUORUMOR_ASSERT(offered.has_value());
  const auto set = s_.ring.set_key(epoch, std::move(key));
  QUORUMOR_ASSERT(set.has_value());
  ++s_.counters.announcements_accepted;
  ++s_.counters.rotations;
  paced_until_ = std::max(paced_until_, s_.now) + pace();
  has_own_news_ = true;
  s_.queue.push(announcement_key(digest), {RumorKind::announcement, record, {}});
}

void Epochs::announce_retirement(SignedAnnouncement announcement) {
  const ByteVector record = join_record(announcement.content, announcement.signature);
  const Digest digest = announcement.digest();
  const auto held = s_.ring.hold_retirement(std::move(announcement), s_.self->credential->record);
  QUORUMOR_ASSERT(held.has_value());
  ++s_.counters.announcements_accepted;
  ++s_.counters.retirements;
  s_.queue.push(announcement_key(digest), {RumorKind::announcement, record, {}});
}

// What waits is taken as if it had just come; whatever still must wait is put back.
void Epochs::retry(bool all) {
  std::vector<Held> due;
  for (std::size_t i = 0; i < held_.size();) {
    const bool expired = s_.now >= held_[i].until;
    if (!expired && !all && s_.now < held_[i].retry_at) {
      ++i;
      continue;
    }
    if (!expired) due.push_back(std::move(held_[i]));
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const Held& h : due) {
    take({RumorKind::announcement, h.record, {}});
    for (Held& again : held_) {
      if (again.digest == h.digest) again.until = h.until;  // its patience does not begin anew
    }
  }
}

// --- retirement ----------------------------------------------------------------------------------------------------

void Epochs::on_probe_acked(Member& from, Epoch under) noexcept {
  if (from.contact->acked_epoch < under) from.contact.own().acked_epoch = under;
}

std::optional<RetirementView> Epochs::retirement() const {
  const auto& held = s_.ring.retirement();
  if (!held || held->through() <= s_.ring.retired_floor()) return std::nullopt;
  RetirementView out;
  out.through = held->through();
  out.signer = held->announcement.announcement.signer;
  const Keyring::Entry* newest = s_.ring.newest_with_key();
  out.newer_key = newest != nullptr && out.through < newest->epoch();
  const std::size_t alive = alive_members(s_);
  for (const auto& m : s_.table.all()) {
    const bool counts = m != s_.self && m->state == MemberState::alive && out.through < m->contact->acked_epoch;
    out.acked += counts ? 1 : 0;
  }
  // Whoever is alone obeys alone. To wait for another would be for ever: it holds the others for dead by accusations
  // that lapse only with their epochs.
  out.needed = std::min({(alive + 1) / 2, kAckersMost, alive > 0 ? alive - 1 : 0});
  return out;
}

void Epochs::step_retirement() {
  const auto pending = retirement();
  if (!pending) return;
  judge_at_ = s_.now + s_.config.probe_interval;
  if (!pending->newer_key || pending->acked < pending->needed) return;
  const auto retired = s_.ring.retire_through(pending->through);
  QUORUMOR_ASSERT(retired.has_value());
  ++s_.counters.epochs_retired;
  tell_retirement_again();
  const Member* signer = s_.table.find(pending->signer);
  s_.event(Event::Kind::epoch_retired, signer != nullptr ? *signer : *s_.self,
           "through epoch " + std::to_string(pending->through.value));
}

// Nothing but a sync tells of a retirement whom gossip has missed, so as long as what has retired is readable everybody
// who obeys tells it again, a few times.
void Epochs::tell_retirement_again() {
  tell_at_ = s_.now + 3 * transitions_.window_min();
  if (!s_.ring.retirement()) return;
  const auto& held = s_.ring.retirement()->announcement;
  const ByteVector record = join_record(held.content, held.signature);
  s_.queue.push(announcement_key(held.digest()), {RumorKind::announcement, record, {}});
}

void Epochs::plan_wipes() {
  const auto& retired = s_.ring.retired();
  std::erase_if(wipes_, [&](const Wipe& w) {
    return std::none_of(retired.begin(), retired.end(), [&](const auto& e) { return e.commitment() == w.commitment; });
  });
  for (const Keyring::Entry& entry : retired) {
    const bool planned = std::any_of(wipes_.begin(), wipes_.end(),
                                     [&](const Wipe& w) { return w.commitment == entry.commitment(); });
    if (!planned) wipes_.push_back({entry.commitment(), s_.now + 2 * 6 * transitions_.window_min()});
  }
}

// --- time ----------------------------------------------------------------------------------------------------------

void Epochs::tell_of_newest() {
  const Keyring::Entry* newest = s_.ring.newest_with_key();
  if (newest == nullptr) return;
  const std::uint64_t commitment = commitment_prefix(newest->commitment());
  if (newest->epoch() == told_ && commitment == told_commitment_) return;
  const bool first = told_ == Epoch{};
  told_ = newest->epoch();
  told_commitment_ = commitment;
  if (first) return;  // what a node joins with is not news
  const Member* signer = s_.table.find(newest->announcement.announcement.signer);
  s_.event(Event::Kind::epoch_began, signer != nullptr ? *signer : *s_.self, "epoch " + std::to_string(told_.value));
}

void Epochs::begin() {
  if (const Keyring::Entry* newest = s_.ring.newest_with_key()) {
    told_ = newest->epoch();
    told_commitment_ = commitment_prefix(newest->commitment());
  }
  plan_wipes();
}

void Epochs::on_ring() {
  retry(true);
  plan_wipes();
  tell_of_newest();
}

void Epochs::on_timer() {
  retry(false);
  if (s_.joined && s_.now >= judge_at_) step_retirement();
  if (!wipes_.empty() && s_.now >= tell_at_) tell_retirement_again();
  for (std::size_t i = 0; i < wipes_.size();) {
    if (s_.now < wipes_[i].at) {
      ++i;
      continue;
    }
    s_.ring.wipe_retired(wipes_[i].commitment);
    ++s_.counters.epochs_wiped;
    wipes_.erase(wipes_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::optional<Instant> Epochs::next_deadline() const {
  std::optional<Instant> next;
  const auto consider = [&](Instant at) {
    if (!next || at < *next) next = at;
  };
  for (const Held& h : held_) consider(std::min(h.retry_at, h.until));
  for (const Wipe& w : wipes_) consider(std::min(w.at, tell_at_));
  const auto& held = s_.ring.retirement();
  if (s_.joined && held && s_.ring.retired_floor() < held->through()) consider(judge_at_);
  return next;
}

}  // namespace quorumor
