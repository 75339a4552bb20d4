// Why a command that brings the authority's word was not obeyed. Nothing has changed then.
#pragma once

#include <cstdint>

namespace quorumor {

enum class VerdictError : std::uint8_t {  // of revoke and force_leave
  malformed,        // not such a record, or one that says nothing
  wrong_signature,  // not of this cluster's authority
  own,              // it is about this very node, which could not tell the others any more
  full,             // as many are held as ever will be
  ending            // this node is silenced, or revoked itself
};
enum class RenewError : std::uint8_t {
  malformed,
  wrong_signature,  // not of this cluster's authority
  other_node,       // another NodeId
  other_key,        // the same NodeId for another identity key: that takes a restart
  not_newer,        // a serial that is not greater than the present one
  expired,          // by this node's clock: nobody would let it in
  revoked,          // its serial is revoked as well
  ending
};
const char* to_string(VerdictError error) noexcept;  // one phrase for a person
const char* to_string(RenewError error) noexcept;

}  // namespace quorumor
