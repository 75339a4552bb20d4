#include "node/core/handshake.h"

namespace quorumor {
namespace {

Signature signature_of(Bytes record) noexcept {
  Signature out{};
  std::memcpy(out.data(), record.last(limits::kSignature).data(), limits::kSignature);
  return out;
}

bool is_signed_record(Bytes record) noexcept { return record.size() > limits::kSignature; }

Bytes content_of(Bytes record) noexcept { return record.first(record.size() - limits::kSignature); }

// Nothing unless the announcement is whole and its signer entitled.
std::optional<SignedAnnouncement> verified(const CoreState& state, const RingEntryView& entry) {
  if (!is_signed_record(entry.announcement) || !is_signed_record(entry.signer)) return std::nullopt;
  const auto signer =
      verify_credential(state.authority, state.cluster, content_of(entry.signer), signature_of(entry.signer));
  if (!signer || !signer.value().credential.has_role(kKeymasterRole)) return std::nullopt;
  auto announcement =
      verify_announcement(signer.value().credential.identity, state.cluster, content_of(entry.announcement),
                          signature_of(entry.announcement));
  if (!announcement || announcement.value().announcement.signer != signer.value().credential.id) return std::nullopt;
  return std::move(announcement.value());
}

bool left_behind(const Keyring& ring, const RingView& theirs) {
  const Keyring::Entry* newest = ring.newest();
  if (newest == nullptr || theirs.entries.empty()) return false;
  const auto first = decode_announcement(content_of(theirs.entries.front().announcement));
  return first && newest->epoch().value + 1 < first.value().epoch.value;
}

}  // namespace

StreamMessage make_hello(const CoreState& state, bool server, const ByteArray<32>& exporter, bool probe) {
  StreamMessage out;
  out.kind = StreamKind::hello;
  out.hello.cluster = state.cluster;
  out.hello.probe = probe;
  out.hello.credential = state.self->credential->record;
  out.hello.proof =
      state.identity.sign(SignDomain::session, state.cluster, session_proof_content(server, exporter));
  return out;
}

Result<SignedCredential, Refusal> check_hello(const CoreState& state, const Hello& hello, bool from_server,
                                              const ByteArray<32>& exporter) {
  if (hello.cluster != state.cluster) return Refusal::not_our_cluster;
  if (hello.version_min > limits::kVersion || hello.version_max < limits::kVersion) return Refusal::unknown_version;
  if (!is_signed_record(hello.credential)) return Refusal::malformed;
  auto credential = verify_credential(state.authority, state.cluster, content_of(hello.credential),
                                      signature_of(hello.credential));
  if (!credential) {
    return credential.error() == CredentialError::bad_signature ? Refusal::not_our_cluster : Refusal::malformed;
  }
  const Credential& c = credential.value().credential;
  const Member* held = state.table.find(c.id);
  if (held != nullptr && (held->credential->credential.serial > c.serial || held->state == MemberState::evicted)) {
    return Refusal::revoked;
  }
  switch (check_validity(c, state.wall_now())) {
    case Validity::valid: break;
    case Validity::expired: return Refusal::expired;
    case Validity::not_yet: return Refusal::not_yet_valid;
  }
  // Our own id: a seed list that names this very node, or a clone. Neither is the other side's fault for good.
  if (c.id == state.id()) return Refusal::busy;
  if (!verify(c.identity, SignDomain::session, state.cluster, session_proof_content(from_server, exporter),
              hello.proof)) {
    return Refusal::bad_proof;
  }
  return std::move(credential.value());
}

StreamMessage make_ring(const CoreState& state, std::vector<ByteVector>& storage) {
  StreamMessage out;
  storage.reserve(storage.size() + kLiveEpochsMax);  // the views must not move
  out.kind = StreamKind::ring;
  out.ring.floor = state.ring.retired_floor();
  for (const Keyring::Entry& entry : state.ring.entries()) {
    const Member* signer = state.table.find(entry.announcement.announcement.signer);
    if (signer == nullptr || out.ring.entries.size() == out.ring.entries.capacity()) continue;
    RingEntryView view;
    storage.push_back(join_record(entry.announcement.content, entry.announcement.signature));
    view.announcement = storage.back();
    view.signer = signer->credential->record;
    view.seed = entry.seed;
    if (entry.has_key()) view.key = entry.key.key.bytes();
    out.ring.entries.push_back(view);
  }
  return out;
}

bool take_ring(CoreState& state, const RingView& theirs) {
  Keyring fresh(state.cluster);
  const bool start_over = left_behind(state.ring, theirs);
  Keyring& ring = start_over ? fresh : state.ring;
  for (const RingEntryView& entry : theirs.entries) {
    auto announcement = verified(state, entry);
    if (!announcement) return false;
    const Epoch epoch = announcement->announcement.epoch;
    const auto held = ring.newest() == nullptr ? ring.adopt(std::move(*announcement), entry.seed)
                                               : ring.offer(std::move(*announcement));
    if (!held && held.error() != RingError::known && held.error() != RingError::buried) return false;
    if (entry.key.empty() || entry.key.size() != 32) continue;
    EpochKey key;
    key.key = Secret<32>::copy_of(std::span<const std::byte, 32>(entry.key.data(), 32));
    const auto set = ring.set_key(epoch, std::move(key));
    if (!set && set.error() == RingError::wrong_key) return false;
  }
  if (!start_over || fresh.newest_with_key() == nullptr) return true;
  // What either side has buried stays buried (a floor above the newest key would leave nothing, and is refused).
  static_cast<void>(fresh.retire_through(std::max(theirs.floor, state.ring.retired_floor())));
  state.ring = std::move(fresh);
  return true;
}

}  // namespace quorumor
