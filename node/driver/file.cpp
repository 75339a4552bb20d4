#include "node/driver/file.h"

#include "node/driver/system_rng.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

namespace quorumor {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kOthers = 077;
constexpr std::string_view kTemporaryMark = ".tmp-";  // between a temporary file's target and its random part

// A descriptor that closes itself. `close` tells whether the last write error was reported there.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { static_cast<void>(close()); }
  bool is_open() const noexcept { return fd_ >= 0; }
  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  bool close() noexcept { return fd_ < 0 || ::close(release()) == 0; }

 private:
  int fd_;
};

Failure os_failure(const std::string& what, const fs::path& path, int error) {
  std::string advice;
  if (error == ENOSPC || error == EDQUOT) advice = "; free some space and try again";
  if (error == EFBIG) advice = "; raise the limit on file sizes (ulimit -f)";
  if (error == EROFS) advice = "; mount it writable";
  if (error == EACCES || error == EPERM) advice = "; run as the user it belongs to";
  return fail("cannot " + what + " " + path.string() + ": " + std::generic_category().message(error) +
              advice);
}

Failure not_ours(const fs::path& path, uid_t owner) {
  return fail(path.string() + " belongs to user " + std::to_string(owner) + ", and this is user " +
              std::to_string(geteuid()) + "; run as its owner, or chown it");
}

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

Failure too_open(const fs::path& path, mode_t mode, const char* right_mode) {
  return fail(path.string() + " is open to others (mode " + octal(mode) + "); run: chmod " + right_mode +
              " " + shell_word(path));
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Random, so that neither another process nor somebody who can write to the folder can be there first.
fs::path temporary_for(const fs::path& path) {
  ByteArray<8> random;
  system_random(random);
  return folder_of(path) / ("." + path.filename().string() + std::string(kTemporaryMark) + to_hex(random));
}

// Returns 0 or the error.
int write_all(int fd, Bytes content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

// Everything up to the rename. Returns 0 or the error.
int write_temporary(const fs::path& temporary, Bytes content, Privacy privacy) {
  const mode_t mode = privacy == Privacy::secret ? 0600 : 0666;
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.is_open()) return errno;
  // A umask of 0777 would make a file that we cannot read ourselves after a restart.
  if (privacy == Privacy::secret && ::fchmod(file.get(), 0600) != 0) return errno;
  if (const int error = write_all(file.get(), content); error != 0) return error;
  if (::fsync(file.get()) != 0) return errno;
  return file.close() ? 0 : errno;
}

// A rename is only durable once its folder is. Some file systems cannot and say EINVAL: they need not.
int sync_folder(const fs::path& folder) {
  Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return errno;
  return ::fsync(directory.get()) == 0 || errno == EINVAL ? 0 : errno;
}

// Ensures: at most `limit` + 1 bytes; the extra one tells that there were more. The buffer never moves, so
// that no copy of a secret stays behind in freed memory.
int read_all(int fd, std::size_t expected, std::size_t limit, ByteVector& out) {
  out.resize(std::min(expected, limit) + 1);
  std::size_t used = 0;
  while (used < out.size()) {
    const ssize_t got = ::read(fd, out.data() + used, out.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  out.resize(used);
  return 0;
}

std::optional<Failure> check_readable(const fs::path& path, const struct stat& status, Privacy privacy) {
  if (!S_ISREG(status.st_mode)) return fail(path.string() + " is not a regular file");
  if (privacy == Privacy::open) return std::nullopt;
  if (status.st_uid != geteuid()) return not_ours(path, status.st_uid);
  if ((status.st_mode & kOthers) != 0) return too_open(path, status.st_mode, "600");
  return std::nullopt;
}

int open_existing(const fs::path& path) noexcept {
  return ::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}
Descriptor open_to_overwrite(const fs::path& path) noexcept { return Descriptor(open_existing(path)); }

// Of a file that has no name any more. Failing changes nothing for the caller: what replaced it is in place.
void overwrite(const Descriptor& file) noexcept {
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) return;
  if (!S_ISREG(status.st_mode) || status.st_nlink != 0) return;
  const ByteArray<4096> zeros{};
  for (off_t at = 0; at < status.st_size;) {
    const auto left = static_cast<std::size_t>(status.st_size - at);
    const ssize_t written = ::pwrite(file.get(), zeros.data(), std::min(left, zeros.size()), at);
    if (written <= 0) return;
    at += written;
  }
  static_cast<void>(::fdatasync(file.get()));
}

}  // namespace

Fallible<void> write_file_atomically(const fs::path& path, Bytes content, Privacy privacy) {
  if (!path.has_filename()) return fail("cannot write '" + path.string() + "': it names no file");
  const fs::path temporary = temporary_for(path);
  int error = write_temporary(temporary, content, privacy);
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    if (error != EEXIST) ::unlink(temporary.c_str());
    return os_failure("write", path, error);
  }
  if (error = sync_folder(folder_of(path)); error != 0) return os_failure("make durable", path, error);
  return success();
}

Fallible<void> replace_secret_file(const fs::path& path, Bytes content) {
  const Descriptor old = open_to_overwrite(path);  // before it loses its name
  BOOST_OUTCOME_TRYV(write_file_atomically(path, content, Privacy::secret));
  overwrite(old);
  return success();
}

Fallible<std::optional<ByteVector>> read_file(const fs::path& path, std::size_t limit, Privacy privacy) {
  // Without O_NONBLOCK a pipe in the file's place would hang us until somebody writes to it.
  const int links = privacy == Privacy::secret ? O_NOFOLLOW : 0;
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | links));
  if (!file.is_open()) {
    if (errno == ENOENT && !path.empty()) return std::optional<ByteVector>{};
    if (errno == ELOOP) return fail(path.string() + " is a symbolic link; put the file itself there");
    return os_failure("read", path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return os_failure("examine", path, errno);
  if (const auto problem = check_readable(path, status, privacy)) return *problem;

  ByteVector out;
  const auto expected = static_cast<std::size_t>(status.st_size);
  if (const int error = read_all(file.get(), expected, limit, out); error != 0)
    return os_failure("read", path, error);
  // More than it was a moment ago: somebody is writing to it. More than the limit: it is not what it should
  // be.
  if (out.size() > std::min(expected, limit)) {
    return fail(path.string() + " is too large (more than " + std::to_string(limit) +
                " bytes) or is being written");
  }
  return std::optional<ByteVector>(std::move(out));
}

bool may_exist(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

Fallible<void> make_private_directory(const fs::path& path) {
  if (path.empty()) return fail("cannot make a directory without a name");
  std::vector<fs::path> missing;
  fs::path at = path.has_filename() ? path : path.parent_path();  // "dir/" names dir
  while (!at.empty() && !may_exist(at)) {
    missing.push_back(at);
    at = at.parent_path();
  }
  for (auto next = missing.rbegin(); next != missing.rend(); ++next) {
    if (::mkdir(next->c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;  // somebody was faster; the check below judges the result
      return os_failure("make directory", *next, errno);
    }
    // mkdir obeys the umask: under 0777 we could not enter what we just made.
    if (::chmod(next->c_str(), 0700) != 0) return os_failure("make directory", *next, errno);
    if (const int error = sync_folder(folder_of(*next)); error != 0) {
      return os_failure("make durable", *next, error);
    }
  }
  return check_private_directory(path);
}

Fallible<void> check_private_directory(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return fail(path.string() + " does not exist");
    return os_failure("examine", path, errno);
  }
  if (!S_ISDIR(status.st_mode)) return fail(path.string() + " is not a directory");
  if (status.st_uid != geteuid()) return not_ours(path, status.st_uid);
  if ((status.st_mode & kOthers) != 0) return too_open(path, status.st_mode, "700");
  return success();
}

void set_aside(const fs::path& path) {
  // Failing changes nothing for the caller: it goes on without the file either way.
  static_cast<void>(::rename(path.c_str(), (path.string() + ".damaged").c_str()));
}

void remove_leftovers(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> leftovers;
  for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end; at.increment(ignored)) {
    const std::string name = at->path().filename().string();
    if (name.front() == '.' && name.find(kTemporaryMark) != std::string::npos)
      leftovers.push_back(at->path());
  }
  for (const fs::path& leftover : leftovers) {
    const Descriptor old = open_to_overwrite(leftover);
    ::unlink(leftover.c_str());
    overwrite(old);
  }
}

std::string shell_word(const fs::path& path) {
  const std::string text = path.string();
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789/._-+,:@%") == std::string::npos;
  if (plain) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

Fallible<FileLock> FileLock::acquire(const fs::path& path, const std::string& busy_message) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return os_failure("lock", path, errno);
  if (::fchmod(file.get(), 0600) != 0) return os_failure("lock", path, errno);  // umask, as above
  // A lock of the open file, not of the process: a second one inside this process is refused as well, and no
  // other close of the file drops it. A killed process leaves none behind.
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return fail(busy_message);
    return os_failure("lock", path, errno);
  }
  return FileLock(file.release());
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace quorumor
