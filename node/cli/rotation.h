// A rotation as an operator sees it: announced, then watched until every alive member holds the new epoch, then the old
// ones are retired. The cluster does all of that by itself; nothing is lost if this process ends in the middle.
#pragma once

#include "base/time.h"
#include "node/driver/failure.h"

#include <boost/json/object.hpp>

#include <functional>
#include <string>

namespace quorumor {

struct RotationOrder {
  std::string dir;
  std::string body;   // of POST /v1/keys/rotate
  bool keep = false;  // leave the older epochs for later
  bool quiet = false; // no progress: the answer is JSON
  bool patient = false;  // waits for the cluster's minimum interval instead of being refused
  Duration timeout = 60s;  // for each of: the interval, all hold it, the retirement
};
// {"epoch", "holders", "alive", "seconds", "retired_through"}. A failure says what state the rotation is left in.
Fallible<boost::json::object> run_rotation(const RotationOrder& order);

// The agent's GET /v1/keys as a table, and who lags.
Fallible<boost::json::object> ask_keys(const std::string& dir);
std::string keys_text(const boost::json::object& keys);

// Shows a text that changes: in place on a terminal, else as lines, each once.
class LiveText {
 public:
  void show(const std::string& block, const std::string& line);

 private:
  std::size_t lines_ = 0;
  std::string last_;
};

}  // namespace quorumor
