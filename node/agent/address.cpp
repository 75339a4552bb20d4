#include "node/agent/address.h"

#include "node/driver/host_port.h"

#include <algorithm>

namespace quorumor {
namespace {

bool is_printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Fallible<std::string> complete_address(const std::string& text, const std::string& what, PortZero zero,
                                       std::uint16_t default_port) {
  // Checked before it is quoted: what is refused for its characters must not reach a terminal in the error either.
  if (text.size() > kAddressMax || !is_printable(text)) {
    return misuse(what + ": not an address; write HOST:PORT or [IPV6]:PORT");
  }
  const bool bracketed = !text.empty() && text.front() == '[' && text.back() == ']';
  const bool bare = !text.empty() && (bracketed || text.find(':') == std::string::npos);
  const std::string whole = bare ? text + ":" + std::to_string(default_port) : text;
  BOOST_OUTCOME_TRY(const HostPort parsed, parse_host_port(whole, what));
  if (parsed.host.find_first_of("[]/@?#") != std::string::npos) {
    return misuse(what + " '" + text + "': not an address; write HOST:PORT or [IPV6]:PORT");
  }
  if (parsed.port == 0 && zero == PortZero::refused) {
    return misuse(what + " '" + text + "': port 0 cannot be reached; give the real port");
  }
  return parsed.to_string();
}

}  // namespace quorumor
