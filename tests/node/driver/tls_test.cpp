#include "node/driver/tls.h"

#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <functional>
#include <memory>
#include <string_view>

using namespace quorumor;

namespace {

using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

struct Pair {
  Session client{nullptr, SSL_free};
  Session server{nullptr, SSL_free};
};

Pair connect(SSL_CTX* client, SSL_CTX* server) {
  Pair out{Session{SSL_new(client), SSL_free}, Session{SSL_new(server), SSL_free}};
  BIO* left = nullptr;
  BIO* right = nullptr;
  REQUIRE(BIO_new_bio_pair(&left, 0, &right, 0) == 1);
  SSL_set_bio(out.client.get(), left, left);
  SSL_set_bio(out.server.get(), right, right);
  SSL_set_connect_state(out.client.get());
  SSL_set_accept_state(out.server.get());
  return out;
}

struct Outcome {
  bool client = false;
  bool server = false;
};

Outcome handshake(Pair& pair) {
  Outcome out;
  for (int round = 0; round < 20; ++round) {
    if (!out.client) out.client = SSL_do_handshake(pair.client.get()) == 1;
    if (!out.server) out.server = SSL_do_handshake(pair.server.get()) == 1;
  }
  return out;
}

TlsContexts contexts() {
  auto made = make_tls_contexts();
  REQUIRE(made.has_value());
  return std::move(made).value();
}

// A client that is not ours: TLS 1.2 to 1.3, no ALPN unless asked for.
struct OtherContext {
  explicit OtherContext(const SSL_METHOD* method) : context(SSL_CTX_new(method)) {}
  ~OtherContext() { SSL_CTX_free(context); }
  OtherContext(const OtherContext&) = delete;
  OtherContext& operator=(const OtherContext&) = delete;
  SSL_CTX* context;

  void offer(std::string_view name) const {
    std::string list(1, static_cast<char>(name.size()));
    list += name;
    REQUIRE(SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(list.data()),
                                    static_cast<unsigned>(list.size())) == 0);
  }
};

std::string serial_of(SSL* client) {
  X509* certificate = SSL_get0_peer_certificate(client);
  REQUIRE(certificate != nullptr);
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  return {reinterpret_cast<const char*>(serial->data), static_cast<std::size_t>(serial->length)};
}

}  // namespace

TEST_CASE("both sides export the same 32 bytes, and every session others") {
  TlsContexts c = contexts();
  ByteArray<32> seen_before{};
  for (int i = 0; i < 3; ++i) {
    Pair pair = connect(c.client.native_handle(), c.server.native_handle());
    const Outcome done = handshake(pair);
    REQUIRE(done.client);
    REQUIRE(done.server);
    CHECK(SSL_version(pair.client.get()) == TLS1_3_VERSION);
    ByteArray<32> client{};
    ByteArray<32> server{};
    REQUIRE(export_session(pair.client.get(), client));
    REQUIRE(export_session(pair.server.get(), server));
    CHECK(client == server);
    CHECK(client != seen_before);
    CHECK(client != ByteArray<32>{});
    seen_before = client;
  }
}

TEST_CASE("nothing is exported before the handshake is done") {
  TlsContexts c = contexts();
  Pair pair = connect(c.client.native_handle(), c.server.native_handle());
  ByteArray<32> out{};
  CHECK_FALSE(export_session(pair.client.get(), out));
  static_cast<void>(SSL_do_handshake(pair.client.get()));
  CHECK_FALSE(export_session(pair.client.get(), out));
  static_cast<void>(SSL_do_handshake(pair.server.get()));  // has agreed on all, but not heard the client's last word
  CHECK_FALSE(export_session(pair.server.get(), out));
  CHECK(out == ByteArray<32>{});
}

TEST_CASE("no session can be resumed: no tickets, no cache") {
  TlsContexts c = contexts();
  Pair first = connect(c.client.native_handle(), c.server.native_handle());
  REQUIRE(handshake(first).client);
  // Tickets would come with the server's first data.
  REQUIRE(SSL_write(first.server.get(), "x", 1) == 1);
  char byte = 0;
  REQUIRE(SSL_read(first.client.get(), &byte, 1) == 1);
  SSL_SESSION* session = SSL_get0_session(first.client.get());
  CHECK(SSL_SESSION_is_resumable(session) == 0);
  CHECK(SSL_SESSION_has_ticket(session) == 0);

  Pair second = connect(c.client.native_handle(), c.server.native_handle());
  SSL_set_session(second.client.get(), session);
  REQUIRE(handshake(second).client);
  CHECK(SSL_session_reused(second.client.get()) == 0);
  CHECK(SSL_get_max_early_data(first.server.get()) == 0);
}

TEST_CASE("who does not speak our protocol is refused in the handshake") {
  TlsContexts c = contexts();
  OtherContext other{TLS_client_method()};
  SSL_CTX_set_verify(other.context, SSL_VERIFY_NONE, nullptr);

  SUBCASE("no ALPN") {}
  SUBCASE("another ALPN") { other.offer("h2"); }
  SUBCASE("a prefix of ours") { other.offer("quorumor/"); }
  SUBCASE("ours and something more") { other.offer("quorumor/11"); }
  SUBCASE("TLS 1.2 with the right ALPN") {
    other.offer(kAlpn);
    REQUIRE(SSL_CTX_set_max_proto_version(other.context, TLS1_2_VERSION) == 1);
  }
  Pair pair = connect(other.context, c.server.native_handle());
  const Outcome done = handshake(pair);
  CHECK_FALSE(done.server);
  CHECK_FALSE(done.client);
}

TEST_CASE("the same stranger with the right ALPN and version gets in: the refusals above are about those") {
  TlsContexts c = contexts();
  OtherContext other{TLS_client_method()};
  other.offer(kAlpn);
  Pair pair = connect(other.context, c.server.native_handle());
  const Outcome done = handshake(pair);
  CHECK(done.server);
  CHECK(done.client);
}

TEST_CASE("a server that picks no ALPN, or speaks TLS 1.2, is not taken by our client") {
  TlsContexts c = contexts();
  OtherContext other{TLS_server_method()};
  SSL_CTX* ours = c.server.native_handle();
  REQUIRE(SSL_CTX_use_certificate(other.context, SSL_CTX_get0_certificate(ours)) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(other.context, SSL_CTX_get0_privatekey(ours)) == 1);
  bool handshake_passes = true;
  SUBCASE("no ALPN") {}
  SUBCASE("TLS 1.2") {
    REQUIRE(SSL_CTX_set_max_proto_version(other.context, TLS1_2_VERSION) == 1);
    handshake_passes = false;
  }
  Pair pair = connect(c.client.native_handle(), other.context);
  CHECK(handshake(pair).client == handshake_passes);
  ByteArray<32> out{};
  CHECK_FALSE(export_session(pair.client.get(), out));
}

TEST_CASE("the certificate says nothing: a constant subject, a serial that is new at every start") {
  TlsContexts a = contexts();
  TlsContexts b = contexts();
  Pair first = connect(a.client.native_handle(), a.server.native_handle());
  Pair second = connect(b.client.native_handle(), b.server.native_handle());
  REQUIRE(handshake(first).client);
  REQUIRE(handshake(second).client);
  CHECK(serial_of(first.client.get()) != serial_of(second.client.get()));
  X509* certificate = SSL_get0_peer_certificate(first.client.get());
  char subject[64] = {};
  X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject);
  CHECK(std::string_view{subject} == "/CN=quorumor");
  CHECK(X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0);
  CHECK(SSL_get0_peer_certificate(first.server.get()) == nullptr);  // clients show none
}
