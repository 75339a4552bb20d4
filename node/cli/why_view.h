// The answer of GET /v1/why as an operator reads it: one sentence that says how things stand, what is missing, then the
// accusers, the others who watch, how the window and this node's own look went, and what came before.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace quorumor {

std::string why_text(const boost::json::object& why);

}  // namespace quorumor
