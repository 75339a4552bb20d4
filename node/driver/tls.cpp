#include "node/driver/tls.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

namespace quorumor {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::string_view kAlpnText = kAlpn;
// Nobody looks at the certificate; it only has to outlive the process. Ten years either way also covers clocks that
// are wrong, which is for the credentials to judge.
constexpr long kValiditySeconds = 10L * 365 * 24 * 3600;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

Key make_key() noexcept { return Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")}; }

// The subject is a constant and the serial is random, so that the certificate says nothing about who this is and two
// starts of one node cannot be linked by it.
Certificate make_certificate(EVP_PKEY* key) noexcept {
  Certificate made{X509_new()};
  unsigned char serial[16];
  if (!made || RAND_bytes(serial, sizeof serial) != 1) return nullptr;
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);  // positive, full length
  const auto* subject = reinterpret_cast<const unsigned char*>("quorumor");
  X509_NAME* name = X509_get_subject_name(made.get());
  const std::unique_ptr<BIGNUM, Freed<BN_free>> number{BN_bin2bn(serial, sizeof serial, nullptr)};
  const bool done = X509_set_version(made.get(), X509_VERSION_3) == 1 && number != nullptr &&
                    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get())) != nullptr &&
                    X509_gmtime_adj(X509_getm_notBefore(made.get()), -kValiditySeconds) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(made.get()), kValiditySeconds) != nullptr &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, subject, -1, -1, 0) == 1 &&
                    X509_set_issuer_name(made.get(), name) == 1 && X509_set_pubkey(made.get(), key) == 1 &&
                    X509_sign(made.get(), key, nullptr) > 0;  // Ed25519 has its own digest
  return done ? std::move(made) : nullptr;
}

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                unsigned int offered_size, void*) {
  for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
    const std::size_t size = offered[at];
    if (at + 1 + size > offered_size) break;
    const auto* name = offered + at + 1;
    if (kAlpnText == std::string_view{reinterpret_cast<const char*>(name), size}) {
      *out = name;
      *out_size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// OpenSSL asks select_alpn only if the client offers something. A client that offers nothing is a scanner or speaks
// another protocol: it is turned away at its first message, before any public-key work is done for it.
int require_alpn(SSL* session, int* alert, void*) {
  const unsigned char* extension = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(session, TLSEXT_TYPE_application_layer_protocol_negotiation, &extension, &size) == 1) {
    return SSL_CLIENT_HELLO_SUCCESS;
  }
  *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
  return SSL_CLIENT_HELLO_ERROR;
}

bool configure(SSL_CTX* context) noexcept {
  // A ticket or a cached session would let a stream begin without a fresh key exchange, and early data could be
  // replayed. Renegotiation and compression do not exist in TLS 1.3.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // Streams are many and mostly idle: buffers are held only while there is something in them.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Certificates are ephemeral and say nothing. Each side proves its identity inside the tunnel, by signing the
  // exporter of this very session with the key that its credential names; a man in the middle has two sessions with
  // two exporters, so neither proof fits the other. Verifying a self-signed certificate would add nothing.
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 && SSL_CTX_set_num_tickets(context, 0) == 1 &&
         SSL_CTX_set_max_early_data(context, 0) == 1 && SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1;
}

bool configure_server(SSL_CTX* context) noexcept {
  const Key key = make_key();
  if (!key) return false;
  const Certificate certificate = make_certificate(key.get());
  if (!certificate) return false;
  SSL_CTX_set_alpn_select_cb(context, select_alpn, nullptr);
  SSL_CTX_set_client_hello_cb(context, require_alpn, nullptr);
  return SSL_CTX_use_certificate(context, certificate.get()) == 1 && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

bool configure_client(SSL_CTX* context) noexcept {
  unsigned char list[1 + kAlpnText.size()];
  list[0] = static_cast<unsigned char>(kAlpnText.size());
  std::memcpy(list + 1, kAlpnText.data(), kAlpnText.size());
  return SSL_CTX_set_alpn_protos(context, list, sizeof list) == 0;  // this one returns 0 for success
}

}  // namespace

Fallible<TlsContexts> make_tls_contexts() {
  try {
    TlsContexts made{ssl::context{ssl::context::tlsv13_server}, ssl::context{ssl::context::tlsv13_client}};
    SSL_CTX* server = made.server.native_handle();
    SSL_CTX* client = made.client.native_handle();
    if (configure(server) && configure_server(server) && configure(client) && configure_client(client)) {
      return made;
    }
  } catch (const std::exception&) {
    // Asio's contexts report by exception that OpenSSL refused to make one.
  }
  return fail("cannot set up TLS 1.3; check the OpenSSL installation and its openssl.cnf");
}

bool export_session(SSL* ssl, ByteArray<32>& out) noexcept {
  if (SSL_is_init_finished(ssl) != 1 || SSL_version(ssl) != TLS1_3_VERSION) return false;
  const unsigned char* agreed = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl, &agreed, &size);
  if (std::string_view{reinterpret_cast<const char*>(agreed), size} != kAlpnText) return false;
  return SSL_export_keying_material(ssl, uchar(MutableBytes(out)), out.size(), kExporterLabel,
                                    std::string_view{kExporterLabel}.size(), nullptr, 0, 0) == 1;
}

}  // namespace quorumor
