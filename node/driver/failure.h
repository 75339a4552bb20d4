// What operators and operating systems cause, as one line for a person: what is wrong, and what to do about it.
// Only node/ above the core uses it; peers never cause one.
#pragma once

#include "base/result.h"

#include <string>
#include <utility>

namespace quorumor {

struct Failure {
  std::string message;  // one line, no trailing full stop or newline; names the file or address
  bool usage = false;   // the caller asked for something impossible (exit 2) rather than something failed (exit 1)
};

template <class T>
using Fallible = Result<T, Failure>;

inline Failure fail(std::string message) { return Failure{std::move(message), false}; }
inline Failure misuse(std::string message) { return Failure{std::move(message), true}; }

}  // namespace quorumor
