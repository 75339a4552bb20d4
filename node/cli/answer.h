// What a command says: an answer on stdout (text for people, or one line of JSON), warnings on stderr.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace quorumor {

// Prints one of both. Returns the exit code: 1 if stdout took less than all of it (a full disk behind a
// redirection must not look like success).
int print_answer(bool as_json, const std::string& text, const boost::json::object& json);
void warn(const std::string& message);

}  // namespace quorumor
