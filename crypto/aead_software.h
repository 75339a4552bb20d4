// AES-256-GCM through OpenSSL, for machines whose processor has no AES instructions. Internal to this room:
// the rest of the project calls aead.h, which chooses. Apart so that tests can hold both implementations
// against each other on machines that would only ever run one.
#pragma once

#include "crypto/aead.h"

namespace quorumor::detail {

// Same contracts as aead_seal and aead_open.
void software_gcm_seal(MutableBytes out, Bytes plain, Bytes associated, const Nonce96& nonce,
                       std::span<const std::byte, 32> key) noexcept;
[[nodiscard]] bool software_gcm_open(MutableBytes out, Bytes sealed, Bytes associated, const Nonce96& nonce,
                                     std::span<const std::byte, 32> key) noexcept;

}  // namespace quorumor::detail
