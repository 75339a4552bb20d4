#include "membership/rumor_key.h"

#include <algorithm>

namespace quorumor {

RumorKey key_of(const Accusation& accusation, Bytes record) noexcept {
  if (accusation.subjects.size() == 1) {
    return {RumorKind::accusation, accusation.subjects.front().id, accusation.accuser};
  }
  RumorKey key{RumorKind::accusation, {}, {}};
  const Digest digest = hash("quorumor rumor key", {record});
  std::copy_n(digest.begin(), key.tag.size(), key.tag.begin());
  return key;
}

RumorKey key_of(const Revocation& revocation, const Digest& digest) noexcept {
  RumorKey key{RumorKind::revocation, revocation.id, {}};
  std::copy_n(digest.begin(), key.tag.size(), key.tag.begin());
  return key;
}

RumorKey key_of(const EventHeader& event) noexcept {
  RumorKey key{RumorKind::event, event.origin, {}};
  store_le(key.tag.data(), event.generation.value);
  store_le(key.tag.data() + 8, event.sequence.value);
  return key;
}

RumorKey announcement_key(const Digest& announcement) noexcept {
  RumorKey key{RumorKind::announcement, {}, {}};
  std::copy_n(announcement.begin(), key.tag.size(), key.tag.begin());
  return key;
}

RumorKey key_of(const Endorsement& endorsement) noexcept {
  RumorKey key{RumorKind::endorsement, {}, {}};
  std::copy_n(endorsement.key.begin(), key.tag.size(), key.tag.begin());
  return key;
}

}  // namespace quorumor
