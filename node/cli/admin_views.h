// The agent's JSON as people read it. What is missing or of another type shows as "-" or 0: an older or newer agent
// must not crash a command.
#pragma once

#include "node/driver/failure.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace quorumor {

Fallible<boost::json::array> parse_members(std::string_view text);
Fallible<boost::json::object> parse_status(std::string_view text);
// The "error" of a document; the start of the text if it has none.
std::string error_of(std::string_view text);

struct MemberFilter {
  std::optional<std::string> state;
  std::optional<std::string> name;  // a glob, as the shell's: * ? [a-z]
};
boost::json::array filter_members(const boost::json::array& members, const MemberFilter& filter);
// NAME STATE ADDRESS ZONE GENERATION INCARNATION SINCE, this node marked with '*'.
std::string members_text(const boost::json::array& members);
std::string status_text(const boost::json::object& status);

struct EventView {
  std::string kind;   // "dead", ...; empty for the stream's own last line
  std::string error;  // of that last line
  std::string text;   // for people, one line
};
EventView view_event(std::string_view line);

}  // namespace quorumor
