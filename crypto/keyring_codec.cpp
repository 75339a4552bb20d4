// The ring's bytes (layout: keyring.h). Apart from what a ring does, because it is the one place where the parts that a
// disk gives back are checked against each other.
#include "crypto/keyring.h"

#include "base/assert.h"
#include "base/codec.h"

namespace quorumor {
namespace {

constexpr std::string_view kMagic = "QRING3";
constexpr std::string_view kSecondMagic = "QRING2";
constexpr std::string_view kFirstMagic = "QRING1";
constexpr std::size_t kChecksumBytes = sizeof(Digest);

Digest checksum(Bytes bytes) noexcept { return hash("quorumor ring", {bytes}); }

}  // namespace

struct KeyringCodec {
  static void write_entry(Writer& w, const Keyring::Entry& entry) noexcept {
    w.bytes16(entry.announcement.content);
    w.raw(entry.announcement.signature);
    w.bytes16(entry.signer);
    w.raw(entry.seed);
    w.u8(entry.has_key() ? 1 : 0);
    if (entry.has_key()) w.raw(entry.key.key.bytes());
  }

  static bool read_announcement(Reader& r, AnnouncementKind kind, bool has_signer, SignedAnnouncement& out,
                                ByteVector& signer) {
    out.content = to_vector(r.bytes16());
    out.signature = r.array<64>();
    if (has_signer) signer = to_vector(r.bytes16());
    if (r.failed() || signer.size() > kSignerBytesMax) return false;
    auto announcement = decode_announcement(out.content);
    if (!announcement || announcement.value().kind != kind) return false;
    out.announcement = std::move(announcement).value();
    return true;
  }

  // Ensures: an entry whose parts agree with each other; the chain is the caller's to check.
  static std::optional<Keyring::Entry> read_entry(Reader& r, const ClusterId& cluster, bool has_signer) {
    Keyring::Entry out;
    if (!read_announcement(r, AnnouncementKind::begin, has_signer, out.announcement, out.signer)) return std::nullopt;
    out.seed = r.array<32>();
    const std::uint8_t has_key = r.u8();
    if (r.failed() || has_key > 1) return std::nullopt;
    const bool is_first = out.epoch() == Epoch{1};
    const bool is_sound =
        out.announcement.announcement.predecessor == Digest{} && out.seed == first_seed(cluster);
    if (is_first && !is_sound) return std::nullopt;
    if (has_key == 0) return out;
    const Bytes key = r.raw(32);
    if (key.size() != 32) return std::nullopt;
    out.key.key = Secret<32>::copy_of(key.first<32>());
    if (out.key.commitment(cluster) != out.commitment()) return std::nullopt;
    out.secrets = EpochSecrets::derive(out.key, cluster);
    return out;
  }

  static bool read_live(Reader& r, Keyring& out, std::size_t count, bool has_signer) {
    for (std::size_t i = 0; i < count; ++i) {
      auto entry = read_entry(r, out.cluster_, has_signer);
      if (!entry || entry->epoch() <= out.floor_) return false;
      if (!out.entries_.empty() && !out.entries_.back().stands_before(*entry)) return false;
      const auto predecessor = out.predecessor_of(entry->announcement.announcement);
      if (predecessor && entry->seed != next_seed(predecessor->seed, entry->epoch())) return false;
      out.entries_.push_back(std::move(*entry));
    }
    return true;
  }

  static bool read_retired(Reader& r, Keyring& out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto entry = read_entry(r, out.cluster_, true);
      if (!entry || !entry->has_key()) return false;
      if (!out.retired_.empty() && !out.retired_.back().stands_before(*entry)) return false;
      out.retired_.push_back(std::move(*entry));
    }
    return true;
  }

  // What a link says of its announcement is what the announcement says.
  static bool agrees(const Keyring::Link& link) noexcept {
    const auto decoded = decode_announcement(link.content);
    return decoded && decoded.value().kind == AnnouncementKind::begin && decoded.value().epoch == link.epoch &&
           announcement_digest(link.content) == link.digest && decoded.value().signed_at == link.signed_at &&
           decoded.value().parameters.min_interval_s == link.min_interval_s;
  }

  static bool read_rest(Reader& r, Keyring& out, bool has_contents) {
    const std::size_t count = r.u8();
    if (r.failed() || count > kRememberedLinksMax) return false;
    for (std::size_t i = 0; i < count; ++i) {
      Keyring::Link link;
      link.epoch = Epoch{r.u64()};
      link.digest = r.array<32>();
      link.seed = r.array<32>();
      link.signed_at = wall_from_millis(r.i64());
      link.min_interval_s = r.u32();
      // As an announcement's: spacing can be added without overflow.
      const std::int64_t signed_at = unix_millis(link.signed_at);
      if (has_contents) link.content = to_vector(r.bytes16());
      if (r.failed() || link.epoch == Epoch{} || signed_at < 0 || signed_at > kSignedTimeMax) return false;
      if (!link.content.empty() && !agrees(link)) return false;
      out.links_.push_back(std::move(link));
    }
    const std::uint8_t has_retirement = r.u8();
    if (r.failed() || has_retirement > 1) return false;
    if (has_retirement == 0) return true;
    out.retirement_.emplace();
    return read_announcement(r, AnnouncementKind::retire, true, out.retirement_->announcement,
                             out.retirement_->signer);
  }

  static void write(Writer& w, const Keyring& ring) noexcept {
    w.raw(as_bytes(kMagic));
    w.raw(ring.cluster_);
    w.u64(ring.floor_.value);
    w.u8(static_cast<std::uint8_t>(ring.entries_.size()));
    w.u8(static_cast<std::uint8_t>(ring.retired_.size()));
    for (const Keyring::Entry& entry : ring.entries_) write_entry(w, entry);
    for (const Keyring::Entry& entry : ring.retired_) write_entry(w, entry);
    w.u8(static_cast<std::uint8_t>(ring.links_.size()));
    for (const Keyring::Link& link : ring.links_) {
      w.u64(link.epoch.value);
      w.raw(link.digest);
      w.raw(link.seed);
      w.i64(unix_millis(link.signed_at));
      w.u32(link.min_interval_s);
      w.bytes16(link.content);
    }
    w.u8(ring.retirement_ ? 1 : 0);
    if (ring.retirement_) {
      w.bytes16(ring.retirement_->announcement.content);
      w.raw(ring.retirement_->announcement.signature);
      w.bytes16(ring.retirement_->signer);
    }
  }
};

ByteVector Keyring::serialize() const {
  ByteVector out(kRingBytesMax);  // at once: growing would leave copies of keys behind
  Writer w(out);
  KeyringCodec::write(w, *this);
  w.raw(checksum(w.finish()));
  QUORUMOR_ASSERT(!w.failed());
  out.resize(w.finish().size());
  return out;
}

Result<Keyring, RingError> Keyring::deserialize(const ClusterId& cluster, Bytes bytes) {
  if (bytes.size() < kChecksumBytes || bytes.size() > kRingBytesMax) return RingError::damaged;
  const Bytes body = bytes.first(bytes.size() - kChecksumBytes);
  if (!equal(checksum(body), bytes.last(kChecksumBytes))) return RingError::damaged;
  Reader r(body);
  const Bytes magic = r.raw(kMagic.size());
  const bool is_first_layout = equal(magic, as_bytes(kFirstMagic));
  const bool is_present_layout = equal(magic, as_bytes(kMagic));
  if (!is_first_layout && !is_present_layout && !equal(magic, as_bytes(kSecondMagic))) return RingError::damaged;
  const bool is_ours = r.array<32>() == cluster;
  Keyring out(cluster);
  out.floor_ = Epoch{r.u64()};
  const std::size_t live = r.u8();
  const std::size_t retired = is_first_layout ? 0 : r.u8();
  if (r.failed() || live > kLiveEpochsMax || retired > kRetiredEpochsMax) return RingError::damaged;
  if (!is_ours) return RingError::wrong_cluster;

  const bool sound = KeyringCodec::read_live(r, out, live, !is_first_layout) &&
                     KeyringCodec::read_retired(r, out, retired) &&
                     (is_first_layout || KeyringCodec::read_rest(r, out, is_present_layout));
  if (!sound || !r.finish()) return RingError::damaged;
  return out;
}

}  // namespace quorumor
