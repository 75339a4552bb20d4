#include "node/cli/authority_record.h"

#include "crypto/endorsement_list.h"
#include "node/driver/file.h"

namespace quorumor {
namespace {

constexpr std::string_view kMagic = "QRECD1";
constexpr std::string_view kMagicEndorsed = "QRECD2";

SignDomain domain_of(RumorKind kind) noexcept {
  return kind == RumorKind::revocation ? SignDomain::revocation : SignDomain::force_leave;
}

template <class Decoded>
bool take(Decoded decoded, std::variant<Revocation, ForceLeave>& out) {
  if (!decoded) return false;
  out = std::move(decoded).value();
  return true;
}

}  // namespace

ByteVector AuthorityRecord::rumor() const {
  ByteVector out(content.size() + signature.size());
  Writer w(out);
  w.raw(content);
  w.raw(signature);
  return out;
}

AuthorityRecord sign_record(const SigningKey& authority, const std::string& label,
                            const std::variant<Revocation, ForceLeave>& what) {
  const PublicKey& root = authority.public_key();
  return sign_record(authority, Authorities(root, make_cluster_id(root, label)), label, what);
}

AuthorityRecord sign_record(const SigningKey& by, const Authorities& authorities, const std::string& label,
                            const std::variant<Revocation, ForceLeave>& what) {
  AuthorityRecord out;
  out.authority = authorities.root();
  out.label = label;
  out.endorsements = authorities.endorsements();
  out.what = what;
  const auto* revocation = std::get_if<Revocation>(&what);
  out.content = revocation != nullptr ? encode_revocation(*revocation) : encode_force_leave(std::get<ForceLeave>(what));
  out.signature = by.sign(domain_of(out.kind()), out.cluster(), out.content);
  return out;
}

ByteVector encode_record(const AuthorityRecord& record) {
  ByteArray<kAuthorityRecordMax> buffer;
  Writer w(buffer);
  w.raw(as_bytes(record.endorsements.empty() ? kMagic : kMagicEndorsed));
  w.raw(record.authority);
  w.bytes8(as_bytes(record.label));
  if (!record.endorsements.empty()) write_endorsements(w, record.endorsements);
  w.u8(static_cast<std::uint8_t>(record.kind()));
  w.bytes16(record.content);
  w.raw(record.signature);
  QUORUMOR_ASSERT(!w.failed());
  return to_vector(w.finish());
}

Fallible<AuthorityRecord> decode_record(Bytes bytes, const std::string& file) {
  const Failure not_one = fail(file +
                               " is damaged or no authority's order; it is what `quorumor authority revoke --out FILE`"
                               " or `force-leave --out FILE` wrote");
  const Failure forged = fail(
      file + " is not signed by the authority that it names: damaged or forged; have the authority write it again");
  Reader r(bytes);
  const Bytes magic = r.raw(kMagic.size());
  const bool endorsed = equal(magic, as_bytes(kMagicEndorsed));
  const bool has_magic = endorsed || equal(magic, as_bytes(kMagic));
  AuthorityRecord out;
  out.authority = r.array<32>();
  out.label = std::string(as_text(r.bytes8()));
  if (!has_magic || !is_valid_label(out.label) || !is_valid_public_key(out.authority)) return not_one;
  Authorities authorities(out.authority, out.cluster());
  if (endorsed && !read_endorsements(r, authorities)) return r.failed() ? not_one : forged;
  out.endorsements = authorities.endorsements();
  const std::uint8_t kind = r.u8();
  out.content = to_vector(r.bytes16());
  out.signature = r.array<64>();
  if (!r.finish()) return not_one;
  const auto is_of = [kind](RumorKind wanted) { return kind == static_cast<std::uint8_t>(wanted); };
  const bool is_known = (is_of(RumorKind::revocation) && take(decode_revocation(out.content), out.what)) ||
                        (is_of(RumorKind::force_leave) && take(decode_force_leave(out.content), out.what));
  if (!is_known) return not_one;
  if (!authorities.verify(domain_of(out.kind()), out.content, out.signature)) return forged;
  return out;
}

Fallible<AuthorityRecord> read_record(const std::string& file) {
  BOOST_OUTCOME_TRY(const auto bytes, read_file(file, kAuthorityRecordMax, Privacy::open));
  if (!bytes) return fail(file + " does not exist");
  return decode_record(*bytes, file);
}

}  // namespace quorumor
