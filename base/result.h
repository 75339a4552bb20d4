// One alias for "a value, or a small reason why not". The reason is an enum of the layer that refused;
// touching the wrong side ends the process (policy::terminate) instead of being undefined.
// In a function that returns a Result, `BOOST_OUTCOME_TRY(auto x, f())` passes a failure on.
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/success_failure.hpp>
#include <boost/outcome/try.hpp>

namespace quorumor {

template <class T, class E>
using Result = boost::outcome_v2::basic_result<T, E, boost::outcome_v2::policy::terminate>;

using boost::outcome_v2::failure;
using boost::outcome_v2::success;

}  // namespace quorumor
