// A thief of an epoch key, on the path. It took the newest key of a target (or of anybody) when it began, and knows all
// ids; it has no credential and no session secret. It may read introductions, and offer them again (readings()); it
// tries to open members' frames and to forge some, with all keys that it can derive, and must not get anywhere
// (successes()).
#include "crypto/session.h"
#include "sim/adversary/families.h"
#include "sim/adversary/wiretap.h"

#include <map>

namespace quorumor::sim {
namespace {

class EpochThief final : public Scheme {
 public:
  using Scheme::Scheme;
  std::uint64_t successes() const override { return opened_ + *forged_; }
  std::uint64_t readings() const override { return read_; }

 private:
  struct Read {  // of whoever introduced itself
    ByteVector credential, core;
    SessionPublicKey session_key{};
  };

  void begin() override {
    tap_ = std::make_shared<Wiretap>(world(), targets());
    on_stop([tap = tap_]() mutable { tap.reset(); });
    session_.emplace(SessionKey::generate(rng()));
    const auto victim = draw_victim();
    const Keyring::Entry* entry = victim ? world().peek(*victim).ring().newest_with_key() : nullptr;
    if (entry == nullptr) return;
    EpochKey stolen;
    stolen.key = Secret<32>::copy_of(entry->key.key.bytes());
    secrets_ = EpochSecrets::derive(stolen, world().cluster());
    suite_ = entry->announcement.announcement.parameters.suite;
    has_key_ = true;
  }

  void act_outside() override {
    if (!has_key_ || tap_->empty()) return;
    const Wiretap::Datagram& captured = tap_->draw(rng());
    const auto head = parse_head(captured.bytes);
    if (!head || head.value().tag != secrets_.tag) return;
    Bytes rest = captured.bytes;
    if (head.value().type == kLongType) rest = read_introduction(captured);
    if (rest.size() > limits::kShortOverhead) try_to_open(captured, rest);
    if (rng().below(2) == 0) {
      forge_frame(captured.from, captured.to);
    } else {
      offer_introduction(captured.from, captured.to);
    }
    count();
  }

  // Returns what follows it.
  Bytes read_introduction(const Wiretap::Datagram& captured) {
    const auto frame = split_long(captured.bytes, secrets_);
    if (!frame) return {};
    const MutableBytes plain = MutableBytes(plain_).first(frame.value().size() - limits::kLongOverhead);
    Introduction introduction;
    if (open_long(plain, frame.value(), world().id(captured.to), secrets_) && decode_introduction(plain, introduction)) {
      const auto core = decode_core(introduction.core.first(limits::kCoreContent));
      if (core) {
        ++read_;
        introduced_[captured.from] = {to_vector(introduction.credential), to_vector(introduction.core),
                                      core.value().session_key};
      }
    }
    return Bytes(captured.bytes).subspan(frame.value().size());
  }

  // The keys of a pair of which it would be one end: it has no other secret to mix in.
  std::optional<PairKeys> pose_as(Index self, Index peer) {
    const auto known = introduced_.find(peer);
    if (known == introduced_.end()) return std::nullopt;
    const auto shared = session_->shared_with(known->second.session_key);
    if (!shared) return std::nullopt;
    return derive_pair_keys(*shared, secrets_, world().cluster(), world().id(self), session_->public_key(),
                            world().id(peer), known->second.session_key);
  }

  void try_to_open(const Wiretap::Datagram& captured, Bytes frame) {
    const ShortHeader header = unmask_short(frame, world().id(captured.to), secrets_);
    const auto attempt = [&](std::span<const std::byte, 32> key) {
      const MutableBytes plain = MutableBytes(plain_).first(frame.size() - limits::kShortOverhead);
      opened_ += open_short(plain, frame, header, world().id(captured.to), suite_, key) ? 1 : 0;
    };
    attempt(secrets_.group_key.bytes());
    attempt(secrets_.mixing_key.bytes());
    if (const auto keys = pose_as(captured.to, captured.from)) attempt(keys->receive());
    if (const auto keys = pose_as(captured.from, captured.to)) attempt(keys->send());
  }

  // A ping in another's name.
  MutableBytes seal_forgery(Index as, Index to, MutableBytes out) {
    Message ping;
    ping.kind = MessageKind::ping;
    ping.newest_epoch = Epoch{1};
    ping.sequence = Sequence{1 + rng().below(1'000'000)};
    const Bytes plain = encode_message(ping, plain_);
    const ShortHeader header{load_le<std::uint64_t>(world().id(as).data()), (std::uint64_t{1} << 50) + ++counter_};
    const auto keys = pose_as(as, to);
    return keys ? seal_short(out, plain, header, world().id(to), suite_, secrets_, keys->send())
                : seal_short(out, plain, header, world().id(to), suite_, secrets_, secrets_.mixing_key.bytes());
  }

  void forge_frame(Index as, Index to) {
    if (!world().is_running(to)) return;
    inject_and_see(world(), to, world().endpoint(as), seal_forgery(as, to, datagram_), forged_);
  }

  void offer_introduction(Index as, Index to) {
    const auto known = introduced_.find(as);
    if (known == introduced_.end() || !world().is_running(to)) return;
    Introduction introduction;
    introduction.credential = known->second.credential;
    introduction.core = known->second.core;
    Nonce192 nonce;
    rng().fill(nonce);
    const Bytes plain = encode_introduction(introduction, plain_);
    const std::size_t used = seal_long(datagram_, plain, nonce, world().id(to), secrets_).size();
    const std::size_t more = seal_forgery(as, to, MutableBytes(datagram_).subspan(used)).size();
    inject_and_see(world(), to, world().endpoint(as), Bytes(datagram_).first(used + more), forged_);
  }

  std::shared_ptr<Wiretap> tap_;
  bool has_key_ = false;
  EpochSecrets secrets_;
  Suite suite_ = Suite::chacha20_poly1305;
  std::optional<SessionKey> session_;
  std::map<Index, Read> introduced_;
  std::uint64_t counter_ = 0, opened_ = 0, read_ = 0;
  std::shared_ptr<std::uint64_t> forged_ = std::make_shared<std::uint64_t>(0);
  alignas(8) ByteArray<limits::kDatagram> plain_{};
  ByteArray<limits::kDatagram> datagram_{};
};

}  // namespace

std::unique_ptr<Adversary> make_epoch_thief(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<EpochThief>(part, std::move(context));
}

}  // namespace quorumor::sim
