#include "node/cli/answer.h"
#include "node/cli/commands.h"

#include <boost/json/serialize.hpp>

#include <cstdio>

namespace quorumor {
namespace {

// A path or an argument may hold line breaks and escape sequences; one problem stays one harmless line.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

int report(const Failure& failure) {
  std::fprintf(stderr, "quorumor: %s\n", one_line(failure.message).c_str());
  return failure.usage ? 2 : 1;
}

void warn(const std::string& message) {
  std::fprintf(stderr, "quorumor: warning: %s\n", one_line(message).c_str());
}

int print_answer(bool as_json, const std::string& text, const boost::json::object& json) {
  const std::string out = as_json ? boost::json::serialize(json) + "\n" : text;
  const bool written = std::fwrite(out.data(), 1, out.size(), stdout) == out.size();
  if (std::fflush(stdout) != 0 || !written) {
    return report(fail("cannot write the answer to standard output; what was asked for was done"));
  }
  return 0;
}

}  // namespace quorumor
