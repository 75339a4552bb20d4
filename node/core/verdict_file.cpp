#include "node/core/verdict_file.h"

#include "base/assert.h"
#include "base/codec.h"

namespace quorumor {
namespace {

constexpr std::string_view kMagic = "QVERD1";
constexpr std::size_t kHeaderBytes = 6 + 32 + 4;
constexpr std::size_t kChecksumBytes = sizeof(Digest);

Digest checksum(Bytes bytes) noexcept { return hash("quorumor verdicts", {bytes}); }

bool is_of_authority(RumorKind kind) noexcept {
  return kind == RumorKind::revocation || kind == RumorKind::force_leave || kind == RumorKind::endorsement;
}

}  // namespace

ByteVector encode_verdicts(const ClusterId& cluster, const Verdicts& verdicts,
                           std::span<const ByteVector> endorsements) {
  QUORUMOR_ASSERT(endorsements.size() <= kEndorsedMax);
  std::size_t size = kHeaderBytes + kChecksumBytes;
  for (const ByteVector& record : endorsements) size += 1 + 2 + record.size();
  for (std::size_t i = 0; i < verdicts.size(); ++i) size += 1 + 2 + verdicts.at(i).record.size();
  ByteVector out(size);
  Writer w(out);
  w.raw(as_bytes(kMagic));
  w.raw(cluster);
  w.u32(static_cast<std::uint32_t>(endorsements.size() + verdicts.size()));
  for (const ByteVector& record : endorsements) {
    w.u8(static_cast<std::uint8_t>(RumorKind::endorsement));
    w.bytes16(record);
  }
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const Rumor verdict = verdicts.at(i);
    w.u8(static_cast<std::uint8_t>(verdict.kind));
    w.bytes16(verdict.record);
  }
  w.raw(checksum(w.finish()));
  QUORUMOR_ASSERT(w.finish().size() == out.size());
  return out;
}

Result<std::vector<VerdictRecord>, VerdictFileError> decode_verdicts(const ClusterId& cluster, Bytes bytes) {
  if (bytes.size() < kHeaderBytes + kChecksumBytes) return VerdictFileError::damaged;
  const Bytes content = bytes.first(bytes.size() - kChecksumBytes);
  if (!equal(checksum(content), bytes.last(kChecksumBytes))) return VerdictFileError::damaged;

  Reader r(content);
  const bool has_magic = equal(r.raw(kMagic.size()), as_bytes(kMagic));
  const ClusterId of = r.array<32>();
  const std::size_t count = r.u32();
  if (!has_magic || count > kVerdictsMax) return VerdictFileError::damaged;
  if (of != cluster) return VerdictFileError::wrong_cluster;

  std::vector<VerdictRecord> out;
  for (std::size_t i = 0; i < count && !r.failed(); ++i) {
    const auto kind = static_cast<RumorKind>(r.u8());
    const Bytes record = r.bytes16();
    if (!is_of_authority(kind)) return VerdictFileError::damaged;
    if (!is_record_size(kind, record.size())) return VerdictFileError::damaged;
    out.push_back({kind, to_vector(record)});
  }
  if (!r.finish()) return VerdictFileError::damaged;
  return out;
}

std::vector<ByteVector> endorsements_of(const std::vector<VerdictRecord>& records) {
  std::vector<ByteVector> out;
  for (const VerdictRecord& r : records) {
    if (r.kind == RumorKind::endorsement) out.push_back(r.record);
  }
  return out;
}

}  // namespace quorumor
