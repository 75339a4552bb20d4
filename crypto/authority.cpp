#include "crypto/authority.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "base/codec.h"
#include "crypto/endorsement_list.h"
#include "crypto/passphrase.h"

namespace quorumor {
namespace {

constexpr std::string_view kMagic = "QBNDL1";
constexpr std::string_view kMagicEndorsed = "QBNDL2";
constexpr unsigned kStrengthMin = 80;            // bits
constexpr std::size_t kCharactersCounted = 256;  // the rest of a passphrase adds nothing to the estimate
constexpr unsigned kWordQuarterBits = 7;         // of a letter: word lists give 12.9 bits for 7 letters

// 0: not a letter; letters of one case have one class.
int letter_case(char c) noexcept {
  if (c >= 'a' && c <= 'z') return 1;
  if (c >= 'A' && c <= 'Z') return 2;
  return 0;
}

// True if `text[i]` stands among at least three letters of its own case: it may be part of a word.
bool is_in_word(std::string_view text, std::size_t i) noexcept {
  const int own = letter_case(text[i]);
  if (own == 0) return false;
  std::size_t first = i;
  std::size_t last = i;
  while (first > 0 && letter_case(text[first - 1]) == own) --first;
  while (last + 1 < text.size() && letter_case(text[last + 1]) == own) ++last;
  return last - first + 1 >= 3;
}

bool is_separator(char c) noexcept { return letter_case(c) == 0 && !(c >= '0' && c <= '9'); }

// True if the character at `i` could be told from what came before: it repeats or continues its predecessor
// (aaa, 123, cba), ends three characters that occurred earlier, or is a separator that was used already.
bool is_repeat(std::string_view text, std::size_t i) noexcept {
  if (i == 0) return false;
  if (is_separator(text[i]) && text.substr(0, i).find(text[i]) != std::string_view::npos) return true;
  const int step = static_cast<unsigned char>(text[i]) - static_cast<unsigned char>(text[i - 1]);
  if (step >= -1 && step <= 1) return true;
  return i >= 3 && text.substr(0, i).find(text.substr(i - 2, 3)) != std::string_view::npos;
}

unsigned count_distinct(std::string_view text) noexcept {
  std::array<bool, 256> seen{};
  for (const char c : text) seen[static_cast<unsigned char>(c)] = true;
  return static_cast<unsigned>(std::count(seen.begin(), seen.end(), true));
}

}  // namespace

ByteVector encode_bundle(const Bundle& bundle) {
  QUORUMOR_ASSERT(is_valid_label(bundle.label));
  ByteArray<kBundleMax> buffer;
  Writer w(buffer);
  w.raw(as_bytes(bundle.endorsements.empty() ? kMagic : kMagicEndorsed));
  w.raw(bundle.authority);
  w.bytes8(as_bytes(bundle.label));
  if (!bundle.endorsements.empty()) write_endorsements(w, bundle.endorsements);
  w.bytes16(bundle.credential.content);
  w.raw(bundle.credential.signature);
  QUORUMOR_ASSERT(!w.failed());
  return to_vector(w.finish());
}

Result<Bundle, CredentialError> decode_bundle(Bytes bytes) {
  Reader r(bytes);
  const Bytes magic = r.raw(kMagic.size());
  const bool endorsed = equal(magic, as_bytes(kMagicEndorsed));
  if (!endorsed && !equal(magic, as_bytes(kMagic))) return CredentialError::malformed;
  Bundle out;
  out.authority = r.array<32>();
  out.label = std::string(as_text(r.bytes8()));
  if (r.failed()) return CredentialError::malformed;
  if (!is_valid_label(out.label)) return CredentialError::bad_name;
  if (!is_valid_public_key(out.authority)) return CredentialError::bad_key;
  Authorities authorities(out.authority, out.cluster());
  if (endorsed && !read_endorsements(r, authorities)) {
    return r.failed() ? CredentialError::malformed : CredentialError::bad_signature;
  }
  const Bytes content = r.bytes16();
  const auto signature = r.array<64>();
  if (!r.finish()) return CredentialError::malformed;
  BOOST_OUTCOME_TRY(out.credential, verify_credential(authorities, content, signature));
  out.endorsements = authorities.endorsements();
  return out;
}

Result<SigningKey, SharedSecretError> authority_from_shared_secret(std::string_view passphrase,
                                                                   std::string_view label) {
  if (estimate_strength_bits(passphrase) < kStrengthMin) return SharedSecretError::too_weak;
  // Every node must arrive at the same key, so the salt is the label's and the cost is fixed for ever.
  constexpr PassphraseCost kCost{3, 65536};
  const Digest digest = hash("quorumor shared secret", {as_bytes(label)});
  ByteArray<16> salt;
  std::memcpy(salt.data(), digest.data(), salt.size());
  const auto seed = derive_from_passphrase(as_bytes(passphrase), salt, kCost);
  if (!seed) return SharedSecretError::out_of_memory;
  return SigningKey::from_seed(seed.value().bytes());
}

unsigned estimate_strength_bits(std::string_view passphrase) noexcept {
  const std::string_view text = passphrase.substr(0, kCharactersCounted);
  if (text.empty()) return 0;
  const unsigned distinct = count_distinct(text);
  // floor(4 log2 distinct), in integers: nodes of different builds must agree on what is too weak.
  const auto per_character =
      static_cast<unsigned>(std::bit_width(std::uint64_t{distinct} * distinct * distinct * distinct)) - 1;
  unsigned quarter_bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_repeat(text, i)) continue;
    quarter_bits += is_in_word(text, i) ? std::min(per_character, kWordQuarterBits) : per_character;
  }
  return quarter_bits / 4;
}

}  // namespace quorumor
