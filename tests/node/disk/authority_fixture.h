// An operator's desk: authorities in a temporary folder, and whom they admit.
#pragma once

#include "helpers.h"
#include "node/cli/authority_directory.h"

namespace quorumor::test {

inline Passphrase phrase(const std::string& text) { return WipedBytes(to_vector(as_bytes(text))); }

struct AuthorityFixture {
  TemporaryFolder folder;
  Drbg rng = make_rng();
  WallTime now = wall_from_seconds(1'800'000'000);

  AuthorityDirectory make(const char* name, const Passphrase& passphrase = std::nullopt) {
    auto made = AuthorityDirectory::create(folder / name, "prod/dc1", passphrase, rng);
    REQUIRE_MESSAGE(made.has_value(), message_of(made));
    return std::move(made).value();
  }
  AuthorityDirectory endorse(const AuthorityDirectory& from, const char* name) {
    auto made = from.endorse(folder / name, from.key(std::nullopt).value(), std::nullopt, now, rng);
    REQUIRE_MESSAGE(made.has_value(), message_of(made));
    return std::move(made).value();
  }
  Fallible<Bundle> admit(const AuthorityDirectory& authority, const std::string& name) {
    Admission admission;
    admission.key = SigningKey::generate(rng).public_key();
    admission.name = name;
    admission.not_after = now + std::chrono::hours{24};
    return authority.admit(admission, authority.key(std::nullopt).value(), now, rng);
  }
};

// Requires: an encoded order. No byte of it can change, be cut or be added unnoticed.
inline void check_is_exact(const ByteVector& whole) {
  REQUIRE(decode_record(whole, "F").has_value());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CAPTURE(i);
    ByteVector flipped = whole;
    flipped[i] ^= std::byte{1};
    check_message(message_of(decode_record(flipped, "F")), {"F is "});
    check_message(message_of(decode_record(Bytes(whole).first(i), "F")), {"F is damaged"});
  }
  ByteVector longer = whole;
  longer.push_back(std::byte{0});
  check_message(message_of(decode_record(longer, "F")), {"F is damaged"});
}

}  // namespace quorumor::test
