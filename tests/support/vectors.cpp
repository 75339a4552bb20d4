#include "support/vectors.h"

#include <fstream>
#include <stdexcept>

namespace quorumor::test {

std::string source_path(std::string_view relative) {
  return std::string(QUORUMOR_SOURCE_DIR) + "/" + std::string(relative);
}

Vectors::Vectors(std::string_view file) : file_(file) {
  std::ifstream in(source_path("tests/vectors/" + file_));
  if (!in) throw std::runtime_error("no vectors: " + file_);
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    const auto equals = line.find(" = ");
    const auto bytes = equals == std::string::npos ? std::nullopt : from_hex(line.substr(equals + 3));
    if (!bytes) throw std::runtime_error(file_ + ": not `name = hex`: " + line);
    values_[line.substr(0, equals)] = *bytes;
  }
}

ByteVector Vectors::at(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::runtime_error(file_ + ": no vector " + name);
  return found->second;
}

}  // namespace quorumor::test
