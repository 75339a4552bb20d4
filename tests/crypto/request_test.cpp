#include "crypto/request.h"

#include "helpers.h"

namespace quorumor {
namespace {

std::string with_checksum(const PublicKey& key, const Signature& signature) {
  const Digest digest = hash("quorumor request", {key, signature});
  return "qreq1-" + to_hex(key) + to_hex(signature) + to_hex(Bytes(digest).first(4));
}

TEST_CASE("golden vector: a token, there and back") {
  const test::Vectors v("crypto/request.txt");
  const auto key = SigningKey::from_seed(test::array_at<32>(v, "seed"));
  const std::string token(as_text(v.at("token")));
  CHECK(make_request_token(key) == token);
  CHECK(parse_request_token(token).value() == key.public_key());
}

TEST_CASE("what is no token, and what was copied badly, are told apart") {
  const std::string token = make_request_token(test::test_key("node"));
  for (const std::string& text :
       {std::string(), std::string("qreq"), token.substr(1), std::string("Q").append(token, 1),
        "qreq2-" + token.substr(6), std::string(" ").append(token)}) {
    CAPTURE(text);
    CHECK(parse_request_token(text).error() == RequestError::not_a_token);
  }
  for (std::size_t size = 6; size < token.size(); ++size) {
    CHECK(parse_request_token(std::string_view(token).substr(0, size)).error() == RequestError::damaged);
  }
  CHECK(parse_request_token(token + "0").error() == RequestError::damaged);
  CHECK(parse_request_token(token + "00").error() == RequestError::damaged);
  CHECK(parse_request_token(token + "\n").error() == RequestError::damaged);
}

TEST_CASE("every single wrong character is noticed") {
  const std::string token = make_request_token(test::test_key("node"));
  for (std::size_t i = 6; i < token.size(); ++i) {
    for (const char c : {'0', 'f', 'A', 'g', ' '}) {
      if (token[i] == c) continue;
      std::string wrong = token;
      wrong[i] = c;
      CHECK(parse_request_token(wrong).error() == RequestError::damaged);
    }
  }
}

TEST_CASE("a forgery with a right checksum lacks the signature") {
  const auto own = test::test_key("own");
  const auto victim = test::test_key("victim").public_key();
  CHECK(parse_request_token(with_checksum(victim, own.sign(SignDomain::request, {}, victim))).error() ==
        RequestError::bad_signature);
  // A signature made for another purpose does not serve.
  const auto& key = own.public_key();
  CHECK(parse_request_token(with_checksum(key, own.sign(SignDomain::session, {}, key))).error() ==
        RequestError::bad_signature);
  CHECK(parse_request_token(with_checksum(key, own.sign(SignDomain::request, {}, key))).value() == key);
}

TEST_CASE("keys that are no proper keys are refused as such") {
  PublicKey small{};
  small[0] = std::byte{1};
  CHECK(parse_request_token(with_checksum(small, {})).error() == RequestError::bad_key);
}

}  // namespace
}  // namespace quorumor
