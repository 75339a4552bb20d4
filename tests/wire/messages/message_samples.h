// Random valid messages for datagrams and streams, and comparison field by field (see record_samples.h).
#pragma once

#include <algorithm>
#include <deque>

#include "record_samples.h"
#include "wire/message.h"
#include "wire/stream.h"

namespace quorumor::test {

// Keeps the bytes that a message's views point to.
struct Storage {
  std::deque<ByteVector> items;
  Bytes keep(ByteVector bytes) { return items.emplace_back(std::move(bytes)); }
};

// A buffer for one plaintext, aligned as the decoder wants it.
template <std::size_t N>
struct Aligned {
  std::array<std::uint64_t, (N + 7) / 8> words{};
  MutableBytes bytes() noexcept { return std::as_writable_bytes(std::span(words)); }
};
using DatagramBuffer = Aligned<limits::kDatagram>;

inline std::vector<std::uint64_t> aligned_copy(Bytes bytes) {
  std::vector<std::uint64_t> out((bytes.size() + 7) / 8);
  if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

inline Rumor random_rumor(RumorKind kind, Rng& rng, Storage& storage) {
  Rumor rumor;
  rumor.kind = kind;
  const ByteVector content = random_content(kind, rng);
  rumor.record = storage.keep(is_signed(kind) ? with_signature(content, rng) : content);
  if (kind == RumorKind::event) {
    rumor.payload = storage.keep(random_bytes(rng, below(rng, limits::kEventPayload + 1)));
  }
  return rumor;
}

inline RumorKind random_kind(Rng& rng) { return static_cast<RumorKind>(between(rng, 1, kRumorKinds)); }

// Without rumors.
inline Message random_message(MessageKind kind, Rng& rng, Storage& storage) {
  Message m;
  m.kind = kind;
  m.newest_epoch = Epoch{1 + rng.below(1'000'000)};
  m.newest_commitment = rng.next_u64();
  m.digest = rng.next_u64();
  m.sequence = Sequence{rng.next_u64()};
  m.belief = {Generation{rng.next_u64()}, Incarnation{rng.next_u64()}, static_cast<MemberState>(rng.below(7))};
  m.next_event = static_cast<std::uint32_t>(rng.next_u64());
  if (kind == MessageKind::relay || kind == MessageKind::relayed || kind == MessageKind::hint) {
    m.peer = random_array<16>(rng);
  }
  if (kind == MessageKind::relay || kind == MessageKind::relayed) {
    m.sealed = storage.keep(random_bytes(rng, between(rng, limits::kShortOverhead + 1, 1000)));
  }
  if (kind == MessageKind::hint) {
    m.generation = Generation{rng.next_u64()};
    m.incarnation = Incarnation{rng.next_u64()};
  }
  if (kind == MessageKind::want) {
    for (std::size_t n = below(rng, limits::kWants + 1); n > 0; --n) {
      const RumorKind wanted = random_kind(rng);
      const bool placed = wanted == RumorKind::announcement || wanted == RumorKind::event;
      m.wants.push_back({wanted, random_array<16>(rng), placed ? 1 + rng.below(1000) : 0});
    }
  }
  if (kind == MessageKind::epoch_key_request || kind == MessageKind::epoch_key) {
    m.epoch = Epoch{1 + rng.below(1'000'000)};
  }
  if (kind == MessageKind::epoch_key) m.epoch_key = storage.keep(random_bytes(rng, 32));
  return m;
}

inline std::size_t size_with_rumors(const Message& m) {
  std::size_t size = message_size(m) + (m.rumors.empty() ? 0 : kRumorListOverhead);
  for (const Rumor& rumor : m.rumors) size += rumor_size(rumor);
  return size;
}

// Adds rumors until one does not fit a datagram any more.
inline void fill_with_rumors(Message& m, Rng& rng, Storage& storage) {
  while (m.rumors.size() < m.rumors.capacity()) {
    m.rumors.push_back(random_rumor(random_kind(rng), rng, storage));
    if (size_with_rumors(m) <= limits::kPlain) continue;
    m.rumors.pop_back();
    return;
  }
}

inline StreamMessage random_stream_message(StreamKind kind, Rng& rng, Storage& storage) {
  const auto credential = [&] { return random_rumor(RumorKind::credential, rng, storage).record; };
  StreamMessage m;
  m.kind = kind;
  if (kind == StreamKind::hello) {
    m.hello.cluster = random_array<32>(rng);
    m.hello.version_max = static_cast<std::uint8_t>(between(rng, 1, 255));
    m.hello.version_min = static_cast<std::uint8_t>(between(rng, 1, m.hello.version_max));
    m.hello.credential = credential();
    m.hello.proof = random_array<64>(rng);
    for (std::size_t n = below(rng, kEndorsedMax + 1); n > 0; --n) {
      m.hello.endorsements.push_back(random_rumor(RumorKind::endorsement, rng, storage).record);
    }
  }
  if (kind == StreamKind::ring) {
    m.ring.floor = Epoch{rng.next_u64()};
    for (std::size_t n = below(rng, 5); n > 0; --n) {
      const Bytes announcement = random_rumor(RumorKind::announcement, rng, storage).record;
      const Bytes key = storage.keep(random_bytes(rng, rng.below(2) * 32));
      m.ring.entries.push_back({announcement, credential(), random_array<32>(rng), key});
    }
    for (std::size_t n = below(rng, 17); n > 0; --n) {
      const Bytes announcement = random_rumor(RumorKind::announcement, rng, storage).record;
      m.ring.chain.push_back(announcement.first(announcement.size() - limits::kSignature));
    }
  }
  if (kind == StreamKind::rumors) {
    for (std::size_t n = below(rng, 30); n > 0; --n) {
      m.rumors.push_back(random_rumor(random_kind(rng), rng, storage));
    }
  }
  return m;
}

// --- comparison, field by field --------------------------------------------------------------------------------

inline bool same(const Rumor& a, const Rumor& b) {
  return a.kind == b.kind && equal(a.record, b.record) && equal(a.payload, b.payload);
}

template <class Range>
bool same_rumors(const Range& a, const Range& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Rumor& x, const Rumor& y) { return same(x, y); });
}

inline bool same(const Message& a, const Message& b) {
  const auto same_want = [](const WantItem& x, const WantItem& y) {
    return x.kind == y.kind && x.id == y.id && x.coordinate == y.coordinate;
  };
  return a.kind == b.kind && a.newest_epoch == b.newest_epoch && a.newest_commitment == b.newest_commitment &&
         a.digest == b.digest && a.sequence == b.sequence && a.belief.generation == b.belief.generation &&
         a.belief.incarnation == b.belief.incarnation && a.belief.state == b.belief.state &&
         a.next_event == b.next_event &&
         same_rumors(a.rumors, b.rumors) && a.peer == b.peer && equal(a.sealed, b.sealed) &&
         a.generation == b.generation && a.incarnation == b.incarnation &&
         std::equal(a.wants.begin(), a.wants.end(), b.wants.begin(), b.wants.end(), same_want) && a.epoch == b.epoch &&
         equal(a.epoch_key, b.epoch_key);
}

inline bool same(const Introduction& a, const Introduction& b) {
  return a.reply == b.reply && equal(a.credential, b.credential) && equal(a.core, b.core);
}

inline bool same(const StreamMessage& a, const StreamMessage& b) {
  const auto same_entry = [](const RingEntryView& x, const RingEntryView& y) {
    return equal(x.announcement, y.announcement) && equal(x.signer, y.signer) && x.seed == y.seed &&
           equal(x.key, y.key);
  };
  return a.kind == b.kind && a.hello.cluster == b.hello.cluster && a.hello.version_min == b.hello.version_min &&
         a.hello.version_max == b.hello.version_max && equal(a.hello.credential, b.hello.credential) &&
         a.hello.proof == b.hello.proof &&
         std::equal(a.hello.endorsements.begin(), a.hello.endorsements.end(), b.hello.endorsements.begin(),
                    b.hello.endorsements.end(), [](Bytes x, Bytes y) { return equal(x, y); }) &&
         a.ring.floor == b.ring.floor &&
         std::equal(a.ring.entries.begin(), a.ring.entries.end(), b.ring.entries.begin(), b.ring.entries.end(),
                    same_entry) &&
         std::equal(a.ring.chain.begin(), a.ring.chain.end(), b.ring.chain.begin(), b.ring.chain.end(),
                    [](Bytes x, Bytes y) { return equal(x, y); }) &&
         same_rumors(a.rumors, b.rumors);
}

}  // namespace quorumor::test
