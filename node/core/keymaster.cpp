#include "node/core/keymaster.h"

#include <algorithm>

namespace quorumor {

const char* to_string(KeysError error) noexcept {
  switch (error) {
    case KeysError::no_ring: return "this node has no cluster key yet: it has not joined";
    case KeysError::not_joined: return "this node has not joined the cluster yet";
    case KeysError::not_keymaster: return "this node's credential does not have the role keymaster";
    case KeysError::ending: return "this node is leaving";
    case KeysError::bad_parameters: return "a parameter of the next epoch is out of range";
    case KeysError::too_soon: return "the newest epoch is younger than the cluster's minimum interval";
    case KeysError::last_epoch: return "epochs have come to the end of their numbers";
    case KeysError::unknown_epoch: return "this node holds no epoch of that number";
    case KeysError::newest_epoch: return "that is the newest epoch whose key this node holds: rotate first";
    case KeysError::is_retired: return "that epoch's retirement has been announced already";
  }
  return "?";
}

bool states(const Member& member, const Keyring::Entry& entry) noexcept {
  const Contact& said = *member.contact;
  if (said.stated.epoch != entry.epoch()) return entry.epoch() < said.stated.epoch;
  return said.stated.commitment == commitment_prefix(entry.commitment());
}

std::size_t holders_of(const CoreState& state, const Keyring::Entry& entry) noexcept {
  std::size_t out = 0;
  for (const auto& m : state.table.all()) {
    if (m->state != MemberState::alive) continue;
    out += (m == state.self ? entry.has_key() : states(*m, entry)) ? 1 : 0;
  }
  return out;
}

bool Keymaster::is_keymaster() const { return s_.self->credential->whole().has_role(kKeymasterRole); }

std::optional<KeysError> Keymaster::check() const {
  if (s_.leaving || s_.silent) return KeysError::ending;
  if (s_.ring.newest_with_key() == nullptr) return KeysError::no_ring;
  if (!s_.joined) return KeysError::not_joined;
  if (!is_keymaster()) return KeysError::not_keymaster;
  return std::nullopt;
}

Duration Keymaster::forbidden_for() const {
  const Keyring::Entry* newest = s_.ring.newest_with_key();
  if (newest == nullptr) return {};
  const Announcement& before = newest->announcement.announcement;
  const auto earliest = before.signed_at + std::chrono::seconds{before.parameters.min_interval_s};
  return std::max<Duration>(earliest - s_.wall_now(), Duration::zero());
}

// On top of the newest key: of a fork all pick the same, once they hold the same.
std::optional<KeysError> Keymaster::rotate(const RotateOptions& options) {
  if (const auto error = check()) return error;
  const Keyring::Entry& predecessor = *s_.ring.newest_with_key();
  const Announcement& before = predecessor.announcement.announcement;
  const auto epoch = before.epoch.next();
  if (!epoch) return KeysError::last_epoch;
  if (forbidden_for() > Duration::zero()) return KeysError::too_soon;

  EpochKey key = EpochKey::generate(s_.secret_rng);
  Announcement a;
  a.signer = s_.id();
  a.signer_serial = s_.self->credential->credential.serial;
  a.epoch = *epoch;
  a.predecessor = predecessor.announcement.digest();
  a.commitment = key.commitment(s_.cluster);
  a.parameters = before.parameters;
  if (options.suite) a.parameters.suite = *options.suite;
  if (options.defense) a.parameters.defense = *options.defense;
  if (options.beta_ppm) a.parameters.beta_ppm = *options.beta_ppm;
  if (options.epsilon_exponent) a.parameters.epsilon_exponent = *options.epsilon_exponent;
  if (options.min_interval_s) a.parameters.min_interval_s = *options.min_interval_s;
  a.revocations = s_.verdicts.unannounced(kAnnouncedRevocationsMax);
  a.signed_at = s_.wall_now();
  if (!is_valid(a)) return KeysError::bad_parameters;
  epochs_.announce(sign_announcement(s_.identity, s_.cluster, std::move(a)), std::move(key));
  poll_.start();
  return std::nullopt;
}

std::optional<KeysError> Keymaster::retire(Epoch through) {
  if (const auto error = check()) return error;
  if (s_.ring.newest_with_key()->epoch() <= through) return KeysError::newest_epoch;
  const auto& held = s_.ring.retirement();
  if (through <= s_.ring.retired_floor() || (held && through <= held->through())) return KeysError::is_retired;
  const Keyring::Entry* entry = s_.ring.find(through);
  if (entry == nullptr) return KeysError::unknown_epoch;
  Announcement a = entry->announcement.announcement;
  a.kind = AnnouncementKind::retire;
  a.signer = s_.id();
  a.signer_serial = s_.self->credential->credential.serial;
  a.predecessor = entry->announcement.digest();
  a.revocations.clear();
  a.signed_at = s_.wall_now();
  epochs_.announce_retirement(sign_announcement(s_.identity, s_.cluster, std::move(a)));
  return std::nullopt;
}

// --- by itself -----------------------------------------------------------------------------------------------------

Duration Keymaster::step() const noexcept {
  return std::clamp(s_.config.rotate_interval / kSteps, kStepLeast, kStepMost);
}

// Under the newest seed, so that it is another one's turn each time.
unsigned Keymaster::rank() const {
  const Digest& seed = s_.ring.newest_with_key()->seed;
  const auto draw = [&](const Member& m) { return hash("quorumor keymaster", {seed, m.id()}); };
  const Digest own = draw(*s_.self);
  unsigned out = 0;
  for (const auto& m : s_.table.all()) {
    if (m == s_.self || m->state != MemberState::alive) continue;
    if (m->credential->whole().has_role(kKeymasterRole) && draw(*m) < own) ++out;
  }
  return out;
}

// The newest key's age is known by its signed time alone after a restart; a clock that is wrong delays or hurries one
// rotation, by an interval at most.
void Keymaster::plan() {
  const Keyring::Entry* newest = s_.ring.newest_with_key();
  rotate_at_.reset();
  look_at_.reset();
  if (newest == nullptr || s_.config.rotate_interval == Duration::zero() || !is_keymaster()) return;
  const Duration interval = s_.config.rotate_interval;
  const auto age = std::clamp<Duration>(s_.wall_now() - newest->announcement.announcement.signed_at, 0ns, interval);
  const auto jitter = static_cast<std::uint64_t>((step() / 2).count());
  newest_since_ = s_.now - age;
  rotate_at_ = newest_since_ + interval + Duration{static_cast<std::int64_t>(s_.secret_rng.below(jitter))};
  look_at_ = s_.now + std::min(step() / 4, interval / 20);
}

void Keymaster::on_ring() {
  const Keyring::Entry* newest = s_.ring.newest_with_key();
  const std::uint64_t commitment = newest != nullptr ? commitment_prefix(newest->commitment()) : 0;
  if (commitment == newest_) return;
  newest_ = commitment;
  plan();
}

std::optional<Instant> Keymaster::rotates_at() const {
  if (!rotate_at_) return std::nullopt;
  return *rotate_at_ + step() * rank();
}

void Keymaster::on_timer() {
  if (!look_at_ || s_.now < *look_at_) return;
  look_at_ = s_.now + std::min(step() / 4, s_.config.rotate_interval / 20);
  retire_if_due();
  rotate_if_due();
}

void Keymaster::rotate_if_due() {
  const auto at = rotates_at();
  // Too soon by the cluster's own interval: tried again at the next look.
  if (at && s_.now >= *at) static_cast<void>(rotate({}));
}

void Keymaster::retire_if_due() {
  const Keyring::Entry& newest = *s_.ring.newest_with_key();
  const auto& entries = s_.ring.entries();
  const Keyring::Entry* older = nullptr;
  for (const Keyring::Entry& entry : entries) {
    if (entry.epoch() < newest.epoch()) older = &entry;  // the newest of the older ones
  }
  if (older == nullptr) return;
  Duration patience = std::min<Duration>(s_.config.rotate_interval / 2, kRetireAfterMost);
  const bool own = newest.announcement.announcement.signer == s_.id();
  if (!own) patience += step() * (1 + rank());
  const bool all_hold = own && holders_of(s_, newest) == alive_members(s_);
  if (all_hold || s_.now >= newest_since_ + patience) static_cast<void>(retire(older->epoch()));
}

std::optional<Instant> Keymaster::next_deadline() const { return look_at_; }

}  // namespace quorumor
