#include "node/core/handshake.h"

#include <algorithm>

namespace quorumor {
StreamMessage make_hello(const CoreState& state, bool server, const ByteArray<32>& exporter, bool probe) {
  StreamMessage out;
  out.kind = StreamKind::hello;
  out.hello.cluster = state.cluster;
  out.hello.probe = probe;
  out.hello.credential = state.self->credential->record;
  for (const ByteVector& record : state.authorities.endorsements()) out.hello.endorsements.push_back(record);
  out.hello.proof =
      state.identity.sign(SignDomain::session, state.cluster, session_proof_content(server, exporter));
  return out;
}

Result<SignedCredential, Refusal> check_hello(const CoreState& state, const Hello& hello, bool from_server,
                                              const ByteArray<32>& exporter) {
  if (hello.cluster != state.cluster) return Refusal::not_our_cluster;
  if (hello.version_min > limits::kVersion || hello.version_max < limits::kVersion) return Refusal::unknown_version;
  if (!is_signed_record(hello.credential)) return Refusal::malformed;
  auto credential = verify_credential(state.authorities, content_of(hello.credential), signature_of(hello.credential));
  if (!credential) {
    return credential.error() == CredentialError::bad_signature ? Refusal::not_our_cluster : Refusal::malformed;
  }
  const Credential& c = credential.value().credential;
  const Member* held = state.table.find(c.id);
  // Superseded, or revoked. One of a higher serial than what was revoked is a pardon.
  if (held != nullptr && held->credential->credential.serial > c.serial) return Refusal::revoked;
  if (state.verdicts.is_revoked(c.id, c.serial)) return Refusal::revoked;
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

std::optional<StreamMessage> show_revocation(const CoreState& state, const Hello& hello,
                                             const ByteArray<32>& exporter) {
  const auto credential = decode_credential(content_of(hello.credential));
  const Rumor record = state.verdicts.revocation_of(credential.value().id);
  if (record.record.empty()) return std::nullopt;
  if (!verify(credential.value().identity, SignDomain::session, state.cluster, session_proof_content(false, exporter),
              hello.proof)) {
    return std::nullopt;
  }
  StreamMessage out;
  out.kind = StreamKind::rumors;
  for (const ByteVector& endorsement : state.authorities.endorsements()) {
    out.rumors.push_back({RumorKind::endorsement, endorsement, {}});
  }
  out.rumors.push_back(record);
  return out;
}

bool is_shown_revocation(const StreamMessage& message) noexcept {
  const auto& rumors = message.rumors;
  if (message.kind != StreamKind::rumors || rumors.empty() || rumors.size() > 1 + kEndorsedMax) return false;
  return rumors.back().kind == RumorKind::revocation &&
         std::all_of(rumors.begin(), rumors.end() - 1,
                     [](const Rumor& r) { return r.kind == RumorKind::endorsement; });
}

}  // namespace quorumor
