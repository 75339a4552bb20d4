// What a rumor is known by while it is told: the newer of two with one key replaces the older. A key names what the
// rumor makes obsolete, so that a queue never tells what its owner has since taken back.
//
//   credential, core, body, force-leave   one a subject: no tag
//   accusation of one subject             one a subject and accuser; goes when the subject moves on (erase_about)
//   accusation of several (a batch)       one a record, about nobody in particular: it is queued once, and one
//                                         subject's refutation does not silence it about the other 23
//   revocation                            one a record: announcements name each by its digest
//   event                                 one a coordinate of its origin
//   announcement                          one a record, about nobody
//   endorsement                           one a key, about nobody
#pragma once

#include "wire/message.h"

namespace quorumor {

struct RumorKey {
  using Tag = ByteArray<16>;

  RumorKind kind = RumorKind::core;
  NodeId about{};  // the subject; zero for a batch of accusations and an announcement (no member has
                     // that id)
  Tag tag{};       // tells apart the rumors of a kind of which a subject has several; else zero
  friend bool operator==(const RumorKey&, const RumorKey&) = default;
};

// `record` is content || signature. Two batches of one accuser differ in their records, and so in their tags: 16
// bytes of a digest, which nobody can aim at another's.
RumorKey key_of(const Accusation& accusation, Bytes record) noexcept;
RumorKey key_of(const EventHeader& event) noexcept;
RumorKey key_of(const Revocation& revocation, const Digest& digest) noexcept;  // revocation_digest
RumorKey announcement_key(const Digest& announcement) noexcept;
RumorKey key_of(const Endorsement& endorsement) noexcept;

}  // namespace quorumor
