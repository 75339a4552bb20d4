// TLS 1.3 as PROTOCOL section 7 wants it: no tickets, no resumption, no early data, no compression, ALPN
// "quorumor/1"; an ephemeral self-signed certificate that carries no identity (made anew at every start). Who the
// peer is, the core proves over the exporter, inside the tunnel.
#pragma once

#include "base/bytes.h"
#include "node/driver/failure.h"

#include <boost/asio/ssl/context.hpp>

namespace quorumor {

inline constexpr const char* kAlpn = "quorumor/1";
inline constexpr const char* kExporterLabel = "EXPORTER-quorumor-1";

struct TlsContexts {
  boost::asio::ssl::context server;
  boost::asio::ssl::context client;
};
Fallible<TlsContexts> make_tls_contexts();
// RFC 8446 section 7.5 over kExporterLabel, no context. False if the session has none or ALPN did not agree.
bool export_session(SSL* ssl, ByteArray<32>& out) noexcept;

}  // namespace quorumor
