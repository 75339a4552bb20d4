// Golden vectors: text files under tests/vectors, `name = hex` a line, '#' comments. A missing file or name
// fails the test that asked (an exception), so a vector cannot be skipped by accident.
#pragma once

#include "base/bytes.h"

#include <map>
#include <string>
#include <string_view>

namespace quorumor::test {

class Vectors {
 public:
  explicit Vectors(std::string_view file);  // e.g. "crypto/epoch.txt"
  ByteVector at(const std::string& name) const;
  const std::map<std::string, ByteVector>& all() const { return values_; }

 private:
  std::string file_;
  std::map<std::string, ByteVector> values_;
};

// The absolute path of a file of the repository.
std::string source_path(std::string_view relative);

}  // namespace quorumor::test
