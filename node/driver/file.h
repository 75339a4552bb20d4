// Files that must survive a crash, a full disk and a hostile umask. Writing: temporary file in the same
// folder, write, fsync, rename, fsync of the folder; on any error before the rename the old file is untouched
// and the temporary one is gone. Reading: bounded, and refused if anybody but the owner may read or write a
// file that should be private.
#pragma once

#include "base/bytes.h"
#include "crypto/secret.h"
#include "node/driver/failure.h"

#include <filesystem>
#include <optional>
#include <string>

namespace quorumor {

// secret: 0600 whatever the umask; looser modes, another owner and symbolic links are refused on reading.
// open: as the umask has it; anybody's, by whatever path (a bundle may have been copied here by somebody
// else).
enum class Privacy { secret, open };

// A file's content that may be secret: zeroed when it goes, on every way out of a function.
class WipedBytes {
 public:
  explicit WipedBytes(ByteVector from) noexcept : bytes_(std::move(from)) {}
  WipedBytes(WipedBytes&&) noexcept = default;
  WipedBytes& operator=(WipedBytes&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::move(other.bytes_);
    }
    return *this;
  }
  ~WipedBytes() { wipe(bytes_); }

  Bytes view() const noexcept { return bytes_; }
  MutableBytes view() noexcept { return bytes_; }

 private:
  ByteVector bytes_;
};

// Never follows a symbolic link at `path`: it is replaced, and what it pointed to stays as it was.
Fallible<void> write_file_atomically(const std::filesystem::path& path, Bytes content, Privacy privacy);
// The same, secret; and what it replaces is overwritten with zeros before it goes, unless another name still leads to
// it (a hard link is somebody's backup). A best effort: a file system that copies on write or keeps a journal of data,
// a flash drive, a snapshot or a crash at this moment may keep the old bytes all the same.
Fallible<void> replace_secret_file(const std::filesystem::path& path, Bytes content);
// Nothing if the file does not exist. A failure if it is not a regular file, is larger than `limit` bytes,
// cannot be read, or (secret) belongs to somebody else, is readable or writable by group or others, or is a
// symbolic link.
Fallible<std::optional<ByteVector>> read_file(const std::filesystem::path& path, std::size_t limit,
                                              Privacy privacy);
// True also for a dangling link, and for what cannot be examined: a file that may be there is not
// overwritten.
bool may_exist(const std::filesystem::path& path);
// Creates with mode 0700 (parents too); an existing one must be ours and not open to group or others.
Fallible<void> make_private_directory(const std::filesystem::path& path);
Fallible<void> check_private_directory(const std::filesystem::path& path);
// Renames `path` to `path`.damaged (replacing an older one), so that nothing is lost.
void set_aside(const std::filesystem::path& path);
// Deletes the temporary files that a process left in `folder` when it was killed while writing; overwritten first, for
// they may hold secrets. Requires: the caller holds the lock that guards the folder.
void remove_leftovers(const std::filesystem::path& folder);

// The path as a word for a shell, so that a command in a message can be pasted.
std::string shell_word(const std::filesystem::path& path);

// An exclusive lock on a file, held until destroyed or the process ends. The file stays: deleting it would
// let two processes lock two files of one name.
class FileLock {
 public:
  static Fallible<FileLock> acquire(const std::filesystem::path& path, const std::string& busy_message);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace quorumor
