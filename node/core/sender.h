// Datagrams out: fills in what every message carries, adds as many rumors as fit, chooses the epoch, seals. One place,
// so that no message can go out unsealed, oversized, or to an address that nobody has proven.
#pragma once

#include "node/core/state.h"

#include <array>

namespace quorumor {

class Sender {
 public:
  explicit Sender(CoreState& state) : s_(state) {}

  struct Options {
    std::optional<Endpoint> to;     // default: endpoint_of(member)
    bool introduce = false;         // put an introduction before the message
    bool reply = false;             // mark it as an answer
    bool with_own_core = false;     // the receiver believes something old of us
    bool even_evicted = false;      // to tell it that it is
    bool gossip = true;             // fill up with rumors, if the endpoint is proven
  };
  // False if nothing could be sent: no address, no epoch key, no link, or no room in this call.
  bool send(Member& to, Message& message, const Options& options);
  // Sends only if there is at least one rumor to tell `to`. The carrier is a Want that wants nothing.
  bool gossip(Member& to);
  // Seals a message without rumors for `to`, to be carried by somebody else. Empty if there is no key for it.
  Bytes seal_bare(Member& to, Message& message, MutableBytes out);
  // A message with nothing but its kind and sequence, reused: no allocation, no large construction.
  Message& blank(MessageKind kind, Sequence sequence = {});

 private:
  const Keyring::Entry* entry_for(const Member& to) const noexcept;
  void fill_header(Member& to, Message& message);
  Bytes accusation_of(const Member& to, std::size_t most) const noexcept;
  void add_rumors(Member& to, Message& message, std::size_t budget, const Options& options);
  std::size_t write_introduction(Member& to, const Keyring::Entry& entry, bool reply, MutableBytes out);

  CoreState& s_;
  Message blank_;
  alignas(8) std::array<std::byte, limits::kDatagram> plain_{};
};

}  // namespace quorumor
