#include "node/core/impl.h"
#include "node/core/keys_view.h"

#include <algorithm>

namespace quorumor {

namespace {

// Snapshots are written at most this often: they cost an fsync and only save time at a restart.
constexpr Duration kSnapshotInterval = 10s;
// What others have sent of the authority's words is written at most this often: a cluster that has many learns them in
// a burst, and the whole file is written each time. Whoever forgets the last second hears of it again by the next sync.
constexpr Duration kVerdictInterval = 1s;

void take_earlier(std::optional<Instant>& best, std::optional<Instant> candidate) {
  if (candidate && (!best || *candidate < *best)) best = candidate;
}

}  // namespace

void NodeCore::Impl::begin(Instant now) {
  QUORUMOR_ASSERT(now >= state.now);
  state.now = now;
  state.out.begin();
  if (due && now > *due + state.config.probe_timeout) on_gap();
}

// This process did not run when it should have: it was stopped, or its machine was. What it did not hear meanwhile
// waits in its sockets, so nothing is concluded from it: looks are forgotten, windows start again.
void NodeCore::Impl::on_gap() {
  ++state.counters.gaps;
  looks.on_gap();
  relayer.on_gap();
  prober.on_gap();
  transitions.on_gap();
  due = state.now;  // this gap is seen; whatever comes of it begins now
}

std::span<const Output> NodeCore::Impl::end() {
  while (const auto evicted = revocations.take_evicted()) sessions.drop(*evicted);
  for (const Sessions::Ended& ended : sessions.take_ended()) {
    if (ended.purpose != Sessions::Purpose::probe) {
      joiner.on_ended(ended);
    } else if (ended.succeeded) {
      looks.on_stream_answer(ended.peer);
    }
  }
  if (const auto peer = keys.take_wish()) joiner.sync_with(*peer);
  state.pen.settle(state.now, intake);
  watch.settle();
  persist();
  note_due();
  return state.out.list();
}

void NodeCore::Impl::note_due() {
  // What has just become due may carry a time long past (a tick that nothing needed): lateness counts from now, or
  // any datagram after it would pass for the end of a pause.
  due = earliest();
  if (due) due = std::max(*due, state.now);
}

void NodeCore::Impl::persist() {
  const bool ring_changed = state.ring.version() != ring_version;
  while (state.ring.version() != ring_version) {  // what waited for this change may make the next
    ring_version = state.ring.version();
    state.links.forget_epochs_not_in(state.ring);
    state.adapt_policy();
    transitions.on_ring();
    epochs.on_ring();
    keys.on_ring();
    keymaster.on_ring();
    for (const Keyring::Entry& entry : state.ring.entries()) {
      revocations.note_announced(entry.announcement.announcement.revocations);
    }
  }
  if (ring_changed) {
    // An own epoch is on disk before anybody hears of it: nobody else could give its key.
    state.out.push(Persist{Persist::What::ring, epochs.take_own_news(), state.ring.serialize()});
  }
  if (revocations.is_unwritten() && (state.now >= verdicts_at || state.silent)) persist_verdicts(false);
  if (state.snapshot_dirty && state.now >= snapshot_at) {
    state.snapshot_dirty = false;
    snapshot_at = state.now + kSnapshotInterval;
    if (!writes_snapshots) return;
    state.out.push(Persist{Persist::What::members, false, encode_snapshot(state.cluster, snapshot())});
  }
}

void NodeCore::Impl::persist_verdicts(bool before_sending) {
  revocations.note_written();
  verdicts_at = state.now + kVerdictInterval;
  const auto what = Persist::What::verdicts;
  const auto& endorsements = state.authorities.endorsements();
  state.out.push(Persist{what, before_sending, encode_verdicts(state.cluster, state.verdicts, endorsements)});
}

Snapshot NodeCore::Impl::snapshot() const {
  Snapshot out;
  out.live_peak = static_cast<std::uint32_t>(std::min<std::size_t>(state.policy->basis(), kLinksMax));
  out.members.reserve(state.table.size());
  for (const auto& m : state.table.all()) {
    out.members.push_back({m->credential->record, m->core ? to_vector(m->core->record) : ByteVector{},
                           m->body ? m->body->record : ByteVector{}});
    const EventWindow& taken = m->dossier->events->window;
    if (m->core && !taken.is_untouched()) {
      out.windows.push_back({m->id(), m->core->core.at.generation, taken.save()});
    }
  }
  return out;
}

std::optional<Instant> NodeCore::Impl::earliest() const {
  std::optional<Instant> best;
  if (state.silent) return best;
  take_earlier(best, self.next_deadline());
  take_earlier(best, looks.next_deadline());
  take_earlier(best, prober.next_deadline());
  take_earlier(best, epochs.next_deadline());
  take_earlier(best, keys.next_deadline());
  take_earlier(best, keymaster.next_deadline());
  take_earlier(best, poll.next_deadline());
  take_earlier(best, accuser.next_deadline());
  if (state.joined) take_earlier(best, watch.next_deadline());
  if (state.joined) take_earlier(best, gaps.next_deadline());
  take_earlier(best, relayer.next_deadline());
  take_earlier(best, gossiper.next_deadline());
  take_earlier(best, transitions.next_deadline());
  take_earlier(best, sessions.next_deadline());
  take_earlier(best, state.pen.next_deadline());
  take_earlier(best, joiner.next_deadline(receiver.differs_since()));
  if (state.snapshot_dirty) take_earlier(best, snapshot_at);
  if (revocations.is_unwritten()) take_earlier(best, verdicts_at);
  if (leave_until && !left) take_earlier(best, std::min(*leave_until, leave_ping_at));
  return best;
}

// Done once three members (or all) have acknowledged the claim that says so, or patience is over.
void NodeCore::Impl::drive_leave() {
  if (!leave_until || left) return;
  const std::size_t enough = std::min<std::size_t>(3, state.live - 1);
  if (receiver.acks_while_leaving() < enough && state.now < *leave_until) {
    if (state.now < leave_ping_at) return;
    leave_ping_at = state.now + 100ms;
    unsigned pings = 0;
    for (const auto& m : state.table.all()) {
      if (m == state.self || !m->is_live() || pings == 3) continue;
      if (state.secret_rng.below(2) == 0 && state.live > 4) continue;
      Sender::Options options;
      options.with_own_core = true;
      pings += looks.ping(*m, options) ? 1 : 0;
    }
    return;
  }
  left = true;
  state.event(Event::Kind::left, *state.self,
              receiver.acks_while_leaving() >= enough ? "acknowledged" : "not acknowledged in time");
}

NodeCore::NodeCore(CoreOptions options, const ValidatedConfig& config, Instant now, WallTime wall) {
  Snapshot snapshot = std::move(options.snapshot);
  const std::vector<VerdictRecord> verdicts = std::move(options.verdicts);
  const std::vector<ByteVector> endorsements = std::move(options.endorsements);
  const std::vector<Endpoint> seeds = options.seeds;
  const bool had_ring = options.ring.has_value();
  impl_ = std::make_unique<Impl>(std::move(options), *config, now, wall);
  Impl& i = *impl_;
  i.ring_version = had_ring ? i.state.ring.version() : 0;
  i.snapshot_at = now + kSnapshotInterval;
  std::vector<Endpoint> remembered;
  i.revocations.restore(verdicts, endorsements);
  for (const SnapshotRecord& record : snapshot.members) {
    i.intake.restore(record);
  }
  for (const SnapshotWindow& window : snapshot.windows) i.events.restore(window);
  for (const auto& m : i.state.table.all()) {
    const auto endpoint = endpoint_of(i.state, *m);
    if (m != i.state.self && endpoint && !i.state.is_revoked(*m)) remembered.push_back(*endpoint);
  }
  i.self.begin();
  i.epochs.begin();
  i.keymaster.on_ring();
  i.joiner.add_seeds(seeds, false);
  i.state.secret_rng.shuffle(std::span<Endpoint>(remembered));
  if (remembered.size() > 8) remembered.resize(8);
  i.joiner.add_seeds(remembered, true);
}

NodeCore::~NodeCore() = default;

std::span<const Output> NodeCore::start(Instant now) {
  impl_->begin(now);
  Impl& i = *impl_;
  i.revocations.start();
  if (i.state.silent) return i.end();
  i.prober.start();
  i.joiner.on_timer(std::nullopt);
  // The only member there ever was, started again: there is nobody to ask.
  if (i.state.ring.newest_with_key() != nullptr && !i.joiner.has_seeds()) i.joiner.set_joined("alone");
  return i.end();
}

std::span<const Output> NodeCore::on_datagram(Instant now, const Endpoint& from, Bytes datagram) {
  impl_->begin(now);
  // Garbage costs no more than its rejection: what else is due is due as before.
  if (!impl_->receiver.on_datagram(from, datagram)) return impl_->state.out.list();
  return impl_->end();
}

std::span<const Output> NodeCore::on_stream(Instant now, StreamId stream, const StreamEvent& event) {
  impl_->begin(now);
  impl_->sessions.on_stream(stream, event);
  return impl_->end();
}

std::span<const Output> NodeCore::on_timer(Instant now) {
  Impl& i = *impl_;
  i.begin(now);
  if (i.state.silent) return i.end();
  if (i.state.links.needs_new_session_key()) {
    // More peers were forgotten than their marks can be kept for: with a new key nothing captured opens any more.
    i.state.links.set_session(SessionKey::generate(i.state.secret_rng));
    i.self.advance();
  }
  i.sessions.on_timer();
  i.self.on_timer();
  i.looks.on_timer();
  i.watch.settle();
  i.transitions.on_timer();
  i.accuser.on_timer();
  i.relayer.on_timer();
  i.prober.on_timer();
  i.epochs.on_timer();
  i.keys.on_timer();
  i.keymaster.on_timer();
  i.poll.on_timer();
  if (i.state.joined) i.watch.on_timer();
  if (i.state.joined) i.gaps.on_timer();
  i.gossiper.on_timer();
  i.joiner.on_timer(i.receiver.differs_since());
  i.drive_leave();
  return i.end();
}

std::optional<Instant> NodeCore::next_deadline() const { return impl_->due; }

void NodeCore::set_wall_clock(Instant now, WallTime wall) {
  impl_->state.wall_offset = wall.time_since_epoch() - now.time_since_epoch();
}

std::span<const Output> NodeCore::bootstrap(Instant now, const ClusterParameters& parameters) {
  Impl& i = *impl_;
  QUORUMOR_ASSERT(i.state.ring.newest() == nullptr);
  QUORUMOR_ASSERT(i.state.self->credential->whole().has_role(kKeymasterRole));
  i.begin(now);
  EpochKey key = EpochKey::generate(i.state.secret_rng);
  Announcement a;
  a.signer = i.state.id();
  a.signer_serial = i.state.self->credential->credential.serial;
  a.epoch = Epoch{1};
  a.commitment = key.commitment(i.state.cluster);
  a.parameters = parameters;
  a.signed_at = i.state.wall_now();
  i.state.ring.bootstrap(sign_announcement(i.state.identity, i.state.cluster, std::move(a)), std::move(key),
                         i.state.self->credential->record);
  i.joiner.set_joined("started a new cluster");
  return i.end();
}

std::span<const Output> NodeCore::join(Instant now, std::span<const Endpoint> endpoints) {
  impl_->begin(now);
  impl_->joiner.add_seeds(endpoints, false);
  impl_->joiner.on_timer(impl_->receiver.differs_since());
  return impl_->end();
}

std::span<const Output> NodeCore::leave(Instant now) {
  Impl& i = *impl_;
  i.begin(now);
  if (!i.state.leaving) {
    i.state.leaving = true;
    i.leave_until = now + i.state.config.leave_linger;
    i.self.leave();
    i.drive_leave();
  }
  return i.end();
}

Result<std::span<const Output>, KeysError> NodeCore::rotate(Instant now, const RotateOptions& options) {
  Impl& i = *impl_;
  i.begin(now);
  if (const auto error = i.keymaster.rotate(options)) return *error;
  return i.end();
}

Result<std::span<const Output>, KeysError> NodeCore::retire(Instant now, Epoch through) {
  Impl& i = *impl_;
  i.begin(now);
  if (const auto error = i.keymaster.retire(through)) return *error;
  return i.end();
}

Result<std::span<const Output>, BroadcastError> NodeCore::broadcast(Instant now, std::string_view name, Bytes payload,
                                                                    std::chrono::milliseconds ttl) {
  Impl& i = *impl_;
  i.begin(now);
  if (const auto error = i.events.check(name, payload.size(), ttl)) return *error;
  i.events.broadcast(name, payload, ttl);
  return i.end();
}

std::optional<BroadcastError> NodeCore::check_broadcast(std::string_view name, std::size_t payload,
                                                        std::chrono::milliseconds ttl) const {
  return impl_->events.check(name, payload, ttl);
}

Result<std::span<const Output>, VerdictError> NodeCore::Impl::bring(Instant now, RumorKind kind, Bytes record) {
  begin(now);
  if (const auto error = revocations.command(kind, record)) return *error;
  return settle_order();
}

Result<std::span<const Output>, VerdictError> NodeCore::Impl::settle_order() {
  // Who brought it may go now: it must not be lost if this process ends before it has told anybody.
  if (revocations.is_unwritten()) persist_verdicts(true);
  return end();
}

Result<std::span<const Output>, VerdictError> NodeCore::revoke(Instant now, Bytes record) {
  return impl_->bring(now, RumorKind::revocation, record);
}

Result<std::span<const Output>, VerdictError> NodeCore::force_leave(Instant now, Bytes record) {
  return impl_->bring(now, RumorKind::force_leave, record);
}

Result<std::span<const Output>, VerdictError> NodeCore::endorse(Instant now, std::span<const ByteVector> records) {
  impl_->begin(now);
  if (const auto error = impl_->revocations.endorse(records)) return *error;
  return impl_->settle_order();
}

std::optional<RenewError> NodeCore::Impl::check_renewal(const SignedCredential& offered) const {
  if (state.silent) return RenewError::ending;
  const auto verified = verify_credential(state.authorities, offered.content, offered.signature);
  if (!verified) {
    return verified.error() == CredentialError::bad_signature ? RenewError::wrong_signature : RenewError::malformed;
  }
  const Credential& c = verified.value().credential;
  if (c.id != state.id()) return RenewError::other_node;
  if (c.identity != state.identity.public_key()) return RenewError::other_key;
  if (c.serial <= state.self->credential->credential.serial) return RenewError::not_newer;
  if (check_validity(c, state.wall_now()) == Validity::expired) return RenewError::expired;
  if (state.verdicts.is_revoked(c.id, c.serial)) return RenewError::revoked;
  return std::nullopt;
}

// The claim under the new serial is greater than any under the old one, so others take both without more ado; session
// key and generation stay, so nothing that is under way is lost.
Result<std::span<const Output>, RenewError> NodeCore::renew(Instant now, const SignedCredential& credential) {
  Impl& i = *impl_;
  i.begin(now);
  if (const auto error = i.check_renewal(credential)) return *error;
  const auto parsed = decode_credential(credential.content);
  i.state.self->credential = HeldCredential(parsed.value(), join_record(credential.content, credential.signature));
  i.self.renewed();
  return i.end();
}

bool NodeCore::set_metadata(Instant now, Bytes metadata) {
  if (metadata.size() > limits::kMetadata) return false;
  impl_->begin(now);
  impl_->self.set_metadata(metadata);
  impl_->note_due();  // there is something to gossip now
  return true;
}

}  // namespace quorumor
