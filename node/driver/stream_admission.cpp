#include "node/driver/stream_admission.h"

#include "base/assert.h"

#include <algorithm>

namespace quorumor {

StreamCaps StreamCaps::from(std::size_t streams_max, bool loopback_cluster) noexcept {
  QUORUMOR_ASSERT(streams_max > 0);
  const auto part = [streams_max](std::size_t divisor) { return std::max<std::size_t>(1, streams_max / divisor); };
  StreamCaps out;
  out.total = streams_max;
  out.inbound = std::max<std::size_t>(1, streams_max - streams_max / 4);
  out.unproven = part(2);
  out.strangers = part(4);
  out.prefix = loopback_cluster ? out.strangers : part(8);
  return out;
}

std::optional<StreamAdmission::Ticket> StreamAdmission::admit_inbound(
    const Endpoint& peer, const std::function<bool(const Endpoint&)>& is_known) {
  Stream stream{true, true, true, network_of(peer)};
  std::size_t inbound = 0;
  std::size_t unproven = 0;
  std::size_t strangers = 0;
  std::size_t same_network = 0;
  for (const auto& [ticket, other] : open_) {
    inbound += other.inbound ? 1 : 0;
    unproven += other.unproven ? 1 : 0;
    if (!other.unproven || !other.stranger) continue;
    ++strangers;
    same_network += other.network == stream.network ? 1 : 0;
  }
  if (inbound >= caps_.inbound || unproven >= caps_.unproven) return std::nullopt;
  if (strangers >= caps_.strangers || same_network >= caps_.prefix) {
    // Only now does it matter who this is; looking it up is linear in the members.
    if (!is_known(peer)) return std::nullopt;
    stream.stranger = false;
  }
  return add(stream);
}

std::optional<StreamAdmission::Ticket> StreamAdmission::admit_outbound() { return add(Stream{}); }

std::optional<StreamAdmission::Ticket> StreamAdmission::add(const Stream& stream) {
  if (open_.size() >= caps_.total) return std::nullopt;
  open_.emplace(++last_, stream);
  return last_;
}

void StreamAdmission::proven(Ticket ticket) noexcept {
  const auto found = open_.find(ticket);
  if (found != open_.end()) found->second.unproven = false;
}

void StreamAdmission::release(Ticket ticket) noexcept {
  const std::size_t erased = open_.erase(ticket);
  QUORUMOR_ASSERT(erased == 1);
}

Endpoint network_of(const Endpoint& address) noexcept {
  Endpoint out = address;
  out.port = 0;
  const std::size_t kept = address.family == Endpoint::Family::v4 ? 3 : 6;
  std::fill(out.address.begin() + static_cast<std::ptrdiff_t>(kept), out.address.end(), std::byte{0});
  return out;
}

}  // namespace quorumor
