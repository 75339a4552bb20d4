// Outsiders that have addresses and nothing else: random bytes, at `rate` a second, to the targets or to anybody. A third
// of them is dressed as a frame, and another third carries the right epoch tag, which everybody on a path can read.
#include "sim/adversary/families.h"

namespace quorumor::sim {
namespace {

class Garbage final : public Scheme {
 public:
  using Scheme::Scheme;

 private:
  void act_outside() override {
    const auto victim = draw_victim();
    if (!victim) return;
    const std::size_t size = 1 + draw_below(bytes_.size());
    const MutableBytes datagram = MutableBytes(bytes_).first(size);
    rng().fill(datagram);
    const std::uint64_t dress = rng().below(3);
    if (dress != 0) datagram[0] = rng().below(2) == 0 ? kShortType : kLongType;
    const Keyring::Entry* entry = world().peek(*victim).ring().newest_with_key();
    if (dress == 2 && size > sizeof(EpochTag4) && entry != nullptr) {
      std::memcpy(datagram.data() + 1, entry->secrets.tag.data(), sizeof(EpochTag4));
    }
    const auto port = static_cast<std::uint16_t>(1024 + rng().below(60'000));
    world().inject(*victim, Endpoint::v4(192, 0, 2, static_cast<std::uint8_t>(1 + rng().below(254)), port), datagram);
    count();
  }
  ByteArray<1300> bytes_{};  // longer than a datagram may be
};

}  // namespace

std::unique_ptr<Adversary> make_garbage(const AdversaryPart& part, AdversaryContext context) {
  return std::make_unique<Garbage>(part, std::move(context));
}

}  // namespace quorumor::sim
