#include "node/driver/core_answers.h"

#include <algorithm>

namespace quorumor {

Failure explain(BroadcastError error, std::size_t payload) {
  std::string text = to_string(error);
  if (error == BroadcastError::too_large) text += "; this one has " + std::to_string(payload);
  const bool usage = error == BroadcastError::bad_name || error == BroadcastError::too_large ||
                     error == BroadcastError::bad_ttl;
  return {std::move(text), usage};
}

Failure not_our_bundle(const std::filesystem::path& directory) {
  return fail("the credential in " + directory.string() + " is gone or of another cluster; install the right one");
}

bool is_member_address(const NodeCore& core, const Endpoint& address) {
  bool found = false;
  core.for_each_member([&](const MemberView& member) {
    if (found || member.self || member.endpoints == nullptr) return;
    const bool usable = member.state != MemberState::evicted && member.state != MemberState::left;
    const auto same = [&address](const Endpoint& e) {
      return e.family == address.family && e.address == address.address;
    };
    found = usable && std::any_of(member.endpoints->begin(), member.endpoints->end(), same);
  });
  return found;
}

}  // namespace quorumor
