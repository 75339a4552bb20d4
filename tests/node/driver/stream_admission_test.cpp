#include "node/driver/stream_admission.h"

#include <doctest/doctest.h>

#include <vector>

using namespace quorumor;

namespace {

Endpoint host(std::uint8_t network, std::uint8_t last) { return Endpoint::v4(10, 0, network, last, 4000); }
bool nobody(const Endpoint&) { return false; }
bool everybody(const Endpoint&) { return true; }

// As many as are let in, one network each unless `same`.
std::size_t flood(StreamAdmission& admission, std::size_t tries, bool same, bool known) {
  std::size_t in = 0;
  for (std::size_t i = 0; i < tries; ++i) {
    const auto n = static_cast<std::uint8_t>(i);
    if (admission.admit_inbound(same ? host(0, n) : host(n, 1), known ? everybody : nobody)) ++in;
  }
  return in;
}

}  // namespace

TEST_CASE("the caps for 64 streams") {
  const StreamCaps caps = StreamCaps::from(64, false);
  CHECK(caps.total == 64);
  CHECK(caps.inbound == 48);
  CHECK(caps.unproven == 32);
  CHECK(caps.strangers == 16);
  CHECK(caps.prefix == 8);
  CHECK(StreamCaps::from(64, true).prefix == 16);
}

TEST_CASE("even the fewest streams leave one of each kind") {
  for (std::size_t most = 1; most < 8; ++most) {
    CAPTURE(most);
    const StreamCaps caps = StreamCaps::from(most, false);
    CHECK(caps.inbound >= 1);
    CHECK(caps.unproven >= 1);
    CHECK(caps.strangers >= 1);
    CHECK(caps.prefix >= 1);
    CHECK(caps.inbound <= caps.total);
  }
}

TEST_CASE("floods") {
  struct Case {
    const char* what;
    bool same_network, known;
    std::size_t in;
  };
  const Case cases[] = {
      {"strangers of one network", true, false, 8},
      {"strangers of many", false, false, 16},
      {"members of one network", true, true, 32},
      {"members of many", false, true, 32},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    StreamAdmission admission{StreamCaps::from(64, false)};
    CHECK(flood(admission, 200, c.same_network, c.known) == c.in);
  }
}

TEST_CASE("strangers cannot keep members out") {
  StreamAdmission admission{StreamCaps::from(64, false)};
  REQUIRE(flood(admission, 200, false, false) == 16);
  CHECK(flood(admission, 200, false, true) == 16);  // the other half
}

TEST_CASE("whether somebody is known is asked only when it matters") {
  StreamAdmission admission{StreamCaps::from(64, false)};
  int asked = 0;
  const auto count = [&asked](const Endpoint&) {
    ++asked;
    return false;
  };
  for (std::uint8_t i = 0; i < 8; ++i) CHECK(admission.admit_inbound(host(0, i), count));
  CHECK(asked == 0);
  CHECK_FALSE(admission.admit_inbound(host(0, 9), count));
  CHECK(asked == 1);
}

TEST_CASE("who has proven itself makes room for the next, up to the inbound cap") {
  StreamAdmission admission{StreamCaps::from(64, false)};
  std::size_t in = 0;
  for (std::uint8_t i = 0; i < 200; ++i) {
    const auto ticket = admission.admit_inbound(host(0, i), nobody);
    if (!ticket) break;
    admission.proven(*ticket);
    admission.proven(*ticket);
    ++in;
  }
  CHECK(in == 48);
  CHECK(admission.open() == 48);
  // The rest is for dialling out.
  for (int i = 0; i < 16; ++i) CHECK(admission.admit_outbound());
  CHECK_FALSE(admission.admit_outbound());
}

TEST_CASE("own dials count in the total, and what ends makes room") {
  StreamAdmission admission{StreamCaps::from(8, false)};
  std::vector<StreamAdmission::Ticket> tickets;
  for (int i = 0; i < 8; ++i) tickets.push_back(admission.admit_outbound().value());
  CHECK_FALSE(admission.admit_outbound());
  CHECK_FALSE(admission.admit_inbound(host(1, 1), everybody));
  admission.release(tickets.front());
  CHECK(admission.open() == 7);
  CHECK(admission.admit_inbound(host(1, 1), nobody));
}

TEST_CASE("networks: /24 and /48") {
  CHECK(network_of(Endpoint::v4(10, 1, 2, 3, 9)) == network_of(Endpoint::v4(10, 1, 2, 200, 10)));
  CHECK(network_of(Endpoint::v4(10, 1, 2, 3, 9)) != network_of(Endpoint::v4(10, 1, 3, 3, 9)));
  ByteArray<16> a{};
  a[0] = std::byte{0x20};
  a[5] = std::byte{1};
  ByteArray<16> b = a;
  b[6] = std::byte{0xff};  // beyond /48
  CHECK(network_of(Endpoint::v6(a, 1)) == network_of(Endpoint::v6(b, 2)));
  b[5] = std::byte{2};
  CHECK(network_of(Endpoint::v6(a, 1)) != network_of(Endpoint::v6(b, 1)));
}
