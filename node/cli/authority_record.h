// What an authority orders about a member that is not asked: a revocation or a forced leave, as a file that an operator
// carries to any node of the cluster. Signed, hence no secret: `quorumor revoke FILE --dir NODEDIR` hands it in.
//
// "QRECD1" | root authority's key 32 | label str8 | kind u8 (RumorKind: revocation 6, force_leave 7) | content
// bytes16 | signature 64. A standby's is "QRECD2" and has its endorsements (count u8 | {record bytes16} ...) behind
// the label, so that an agent that has not heard of it can be told first. It verifies by itself, so that a damaged or
// foreign file is told before any agent is asked.
#pragma once

#include "crypto/authorities.h"
#include "node/driver/failure.h"
#include "wire/records.h"

#include <string>
#include <variant>

namespace quorumor {

struct AuthorityRecord {
  PublicKey authority{};
  std::string label;
  std::variant<Revocation, ForceLeave> what;
  ByteVector content;
  Signature signature{};
  std::vector<ByteVector> endorsements{};  // none: signed by `authority` itself

  RumorKind kind() const noexcept { return what.index() == 0 ? RumorKind::revocation : RumorKind::force_leave; }
  ClusterId cluster() const noexcept { return make_cluster_id(authority, label); }
  const NodeId& id() const noexcept {
    return std::visit([](const auto& w) -> const NodeId& { return w.id; }, what);
  }
  ByteVector rumor() const;  // content || signature, as it travels
};
inline constexpr std::size_t kAuthorityRecordMax = 6 + 32 + 1 + kNameMax + 1 + 2 + kRevocationContentMax + 64 +
                                                  kEndorsementListMax;

// Requires: the record is valid (wire/records.h).
AuthorityRecord sign_record(const SigningKey& authority, const std::string& label,
                            const std::variant<Revocation, ForceLeave>& what);
// By one of `authorities`, which need not be the root.
AuthorityRecord sign_record(const SigningKey& by, const Authorities& authorities, const std::string& label,
                            const std::variant<Revocation, ForceLeave>& what);
ByteVector encode_record(const AuthorityRecord& record);
// Ensures: the signature verifies under the record's own authority and label, or under what these endorsed. `file` is
// for messages.
Fallible<AuthorityRecord> decode_record(Bytes bytes, const std::string& file);
Fallible<AuthorityRecord> read_record(const std::string& file);

}  // namespace quorumor
