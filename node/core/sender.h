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
    std::optional<EntryName> under;  // default: entry_for(member)
    bool even_evicted = false;      // to tell it that it is
    bool gossip = true;             // fill up with rumors, if the endpoint is proven
  };
  // While it lives, a frame of `whom` under `under` is being answered: if that epoch has retired here, what goes to
  // `whom` goes out under it, as long as it is readable.
  class Answering {
   public:
    Answering(Sender& sender, const Member& whom, const EntryName& under) noexcept
        : sender_(sender), before_(sender.answered_) {
      sender_.answered_ = {&whom, under};
    }
    ~Answering() { sender_.answered_ = before_; }
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;

   private:
    Sender& sender_;
    std::pair<const Member*, EntryName> before_;
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
  std::pair<const Member*, EntryName> answered_{};
  Message blank_;
  alignas(8) std::array<std::byte, limits::kDatagram> plain_{};
};

}  // namespace quorumor
