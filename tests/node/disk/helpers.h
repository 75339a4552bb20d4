// Folders that go away, keys that are the same in each run, and the ways in which disks fail.
#pragma once

#include "crypto/authority.h"
#include "crypto/drbg.h"
#include "node/driver/file.h"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace quorumor::test {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "quorumor-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

inline Drbg make_rng(unsigned char seed = 1) {
  ByteArray<32> bytes{};
  bytes[0] = std::byte{seed};
  return Drbg(bytes, "test");
}

inline std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

// Keeps the file's mode.
inline void spill(const fs::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  REQUIRE(out.good());
}

inline unsigned mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

inline std::size_t files_in(const fs::path& path) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
}

// While it lives no file can grow beyond `bytes`: what a full disk does to a write in its middle, without
// being root.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    struct rlimit limit = before_;
    limit.rlim_cur = bytes;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    static_cast<void>(::setrlimit(RLIMIT_FSIZE, &before_));
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  struct rlimit before_ {};
};

// While it lives new files get no permission that `mask` has.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

// The failure's message; empty if there was none.
template <class T>
std::string message_of(const Fallible<T>& result) {
  return result ? std::string() : result.error().message;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// All of a message in one check, so that a failing one shows it: it has every part, and it is one line.
inline void check_message(const std::string& message, std::initializer_list<std::string> parts) {
  CAPTURE(message);
  CHECK(!message.empty());
  CHECK(!contains(message, "\n"));
  for (const std::string& part : parts) {
    CAPTURE(part);
    CHECK(contains(message, part));
  }
}

inline Credential make_credential(const PublicKey& identity, std::uint64_t serial) {
  Credential out;
  out.id.fill(std::byte{7});
  out.identity = identity;
  out.serial = Serial{serial};
  out.not_before = wall_from_seconds(1'000'000);
  out.not_after = wall_from_seconds(2'000'000'000);
  out.name = "n1";
  return out;
}

inline Bundle make_bundle(const SigningKey& authority, const Credential& credential,
                          const std::string& label = "t") {
  return Bundle{authority.public_key(), label,
                issue_credential(authority, make_cluster_id(authority.public_key(), label), credential)};
}

}  // namespace quorumor::test
