// What the authority has said of members, and who else may speak for it, as a node keeps it across restarts: signed
// records, verified again at boot. A file of its own beside the snapshot, because losing a snapshot costs speed and
// losing this would forgive: a damaged one is an error.
//
// Layout: "QVERD1" | cluster id 32 | record count u32 | {kind u8: 6 revocation, 7 force-leave, 10 endorsement | record
// bytes16} ... | BLAKE2b-256 of all before. Endorsements come first, each behind what it is signed by; a file without
// them is what it was before there were any. Integers are little-endian.
#pragma once

#include "base/result.h"
#include "membership/verdicts.h"

#include <vector>

namespace quorumor {

struct VerdictRecord {
  RumorKind kind = RumorKind::revocation;  // or force_leave, endorsement
  ByteVector record;                       // content || signature
  friend bool operator==(const VerdictRecord&, const VerdictRecord&) = default;
};

inline constexpr std::size_t kVerdictsMax = Verdicts::kRevocationsMax + Verdicts::kForceLeavesMax + kEndorsedMax;
inline constexpr std::size_t kVerdictBytesMax =
    6 + 32 + 4 + 32 + kVerdictsMax * (1 + 2 + kRevocationContentMax + limits::kSignature);

enum class VerdictFileError : std::uint8_t { damaged, wrong_cluster };
// Requires: at most kEndorsedMax endorsements (content || signature).
ByteVector encode_verdicts(const ClusterId& cluster, const Verdicts& verdicts,
                           std::span<const ByteVector> endorsements = {});
Result<std::vector<VerdictRecord>, VerdictFileError> decode_verdicts(const ClusterId& cluster, Bytes bytes);
// The endorsements among them, in their order.
std::vector<ByteVector> endorsements_of(const std::vector<VerdictRecord>& records);

}  // namespace quorumor
