// How many members an aggregate has, known to the compiler: a table that must name each member of a struct can
// then refuse to compile when the struct has grown and the table has not.
#pragma once

#include <cstddef>
#include <utility>

namespace quorumor {
namespace detail {

struct Anything {
  template <class T>
  operator T() const;  // never defined: used in unevaluated operands only
};

template <std::size_t>
using AnythingAt = Anything;

template <class T, std::size_t... I>
constexpr bool is_initialisable_by(std::index_sequence<I...>) {
  return requires { T{AnythingAt<I>{}...}; };
}

}  // namespace detail

// Requires: T is an aggregate of more than one member, none of them an array.
template <class T, std::size_t N = 1>
constexpr std::size_t field_count() {
  if constexpr (detail::is_initialisable_by<T>(std::make_index_sequence<N + 1>())) {
    return field_count<T, N + 1>();
  } else {
    return N;
  }
}

}  // namespace quorumor
