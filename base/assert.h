// An assertion that is on in every build. It guards what only a programmer can break: never data that a
// peer, an operator or a disk supplied (those get a Result). A failed assertion ends the process, because
// a membership node that goes on with a broken invariant can harm a cluster; one that stops is just dead.
#pragma once

namespace quorumor {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace quorumor

#define QUORUMOR_ASSERT(expression)                                                 \
  (static_cast<bool>(expression) ? static_cast<void>(0)                             \
                                 : ::quorumor::assertion_failed(#expression, __FILE__, __LINE__))
