#include "node/driver/file.h"

#include "helpers.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace quorumor;
using namespace quorumor::test;

namespace {

std::string read_text(const fs::path& path, std::size_t limit = 1000, Privacy privacy = Privacy::secret) {
  const auto bytes = read_file(path, limit, privacy);
  REQUIRE_MESSAGE(bytes.has_value(), message_of(bytes));
  REQUIRE(bytes.value().has_value());
  return std::string(as_text(*bytes.value()));
}

}  // namespace

TEST_CASE("what is written is read, and replaced as a whole") {
  TemporaryFolder folder;
  const fs::path file = folder / "f";
  for (const std::string content : {"first", "", "the second, which is longer"}) {
    REQUIRE(write_file_atomically(file, as_bytes(content), Privacy::secret).has_value());
    CHECK(read_text(file) == content);
    CHECK(files_in(folder.path()) == 1);
  }
}

TEST_CASE("modes do not depend on the umask, where they guard a secret") {
  TemporaryFolder folder;
  struct {
    mode_t mask;
    Privacy privacy;
    unsigned mode;
  } const cases[] = {
      {0000, Privacy::secret, 0600}, {0777, Privacy::secret, 0600}, {0022, Privacy::secret, 0600},
      {0022, Privacy::open, 0644},   {0077, Privacy::open, 0600},
  };
  for (const auto& c : cases) {
    CAPTURE(c.mask);
    {
      const Umask mask(c.mask);
      REQUIRE(write_file_atomically(folder / "f", as_bytes("x"), c.privacy).has_value());
    }
    CHECK(mode_of(folder / "f") == c.mode);
  }
  // Replacing a loose file tightens it: the new content was never readable by others.
  REQUIRE(::chmod((folder / "f").c_str(), 0666) == 0);
  REQUIRE(write_file_atomically(folder / "f", as_bytes("x"), Privacy::secret).has_value());
  CHECK(mode_of(folder / "f") == 0600);
}

TEST_CASE("reading: absent is nothing, too large and not a file are failures") {
  TemporaryFolder folder;
  const auto absent = read_file(folder / "absent", 10, Privacy::secret);
  REQUIRE(absent.has_value());
  CHECK(!absent.value().has_value());

  REQUIRE(write_file_atomically(folder / "f", as_bytes("0123456789"), Privacy::secret).has_value());
  CHECK(read_text(folder / "f", 10) == "0123456789");
  check_message(message_of(read_file(folder / "f", 9, Privacy::secret)),
                {(folder / "f").string(), "too large"});
  check_message(message_of(read_file(folder.path(), 9, Privacy::open)), {"not a regular file"});
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);  // must not hang
  check_message(message_of(read_file(folder / "pipe", 9, Privacy::secret)), {"not a regular file"});
}

TEST_CASE("a secret that others may touch is refused, with the command that mends it") {
  TemporaryFolder folder;
  const fs::path file = folder / "a secret";
  REQUIRE(write_file_atomically(file, as_bytes("x"), Privacy::secret).has_value());
  for (const mode_t mode : {0604U, 0602U, 0601U, 0640U, 0620U, 0610U, 0644U, 0777U}) {
    CAPTURE(mode);
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    check_message(message_of(read_file(file, 9, Privacy::secret)), {"chmod 600 '" + file.string() + "'"});
    CHECK(read_file(file, 9, Privacy::open).has_value());
  }
  for (const mode_t mode : {0600U, 0400U, 0700U}) {
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    CHECK(read_file(file, 9, Privacy::secret).has_value());
  }
}

TEST_CASE("a symbolic link is no secret file, and writing does not go through one") {
  TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "real", as_bytes("x"), Privacy::secret).has_value());
  fs::create_symlink(folder / "real", folder / "link");
  check_message(message_of(read_file(folder / "link", 9, Privacy::secret)), {"link", "symbolic link"});
  CHECK(read_text(folder / "link", 9, Privacy::open) == "x");

  REQUIRE(write_file_atomically(folder / "link", as_bytes("y"), Privacy::secret).has_value());
  CHECK(slurp(folder / "real") == "x");
  CHECK(read_text(folder / "link") == "y");
}

TEST_CASE("somebody else's secret is refused") {
  if (::geteuid() != 0) return;  // only root can give a file away
  TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "f", as_bytes("x"), Privacy::secret).has_value());
  REQUIRE(::chown((folder / "f").c_str(), 12345, 12345) == 0);
  check_message(message_of(read_file(folder / "f", 9, Privacy::secret)), {"belongs to user 12345"});
  CHECK(read_file(folder / "f", 9, Privacy::open).has_value());
  REQUIRE(::chown(folder.path().c_str(), 12345, 12345) == 0);
  check_message(message_of(check_private_directory(folder.path())), {"belongs to user 12345"});
}

TEST_CASE("a full disk leaves the old file, and nothing else") {
  TemporaryFolder folder;
  const fs::path file = folder / "f";
  REQUIRE(write_file_atomically(file, as_bytes("old"), Privacy::secret).has_value());
  const std::string big(5000, 'x');
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = message_of(write_file_atomically(file, as_bytes(big), Privacy::secret));
  }
  check_message(message, {"cannot write " + file.string(), "too large"});
  CHECK(slurp(file) == "old");
  CHECK(files_in(folder.path()) == 1);
  CHECK(write_file_atomically(file, as_bytes(big), Privacy::secret).has_value());
}

TEST_CASE("writing where one cannot is a failure that names the file") {
  TemporaryFolder folder;
  spill(folder / "f", "x");
  check_message(message_of(write_file_atomically(folder / "no" / "f", as_bytes("x"), Privacy::open)),
                {"no/f"});
  check_message(message_of(write_file_atomically(folder / "f" / "g", as_bytes("x"), Privacy::open)), {"f/g"});
  check_message(message_of(write_file_atomically("", as_bytes("x"), Privacy::open)), {"no file"});
  fs::create_directory(folder / "d");  // the rename fails: the temporary file must go
  check_message(message_of(write_file_atomically(folder / "d", as_bytes("x"), Privacy::open)), {"/d"});
  CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("private directories") {
  TemporaryFolder folder;
  const fs::path deep = folder / "a" / "b" / "c";
  {
    const Umask mask(0777);
    const auto made = make_private_directory(deep);
    CHECK_MESSAGE(made.has_value(), message_of(made));
  }
  for (const fs::path& path : {deep, deep.parent_path(), deep.parent_path().parent_path()}) {
    CHECK(mode_of(path) == 0700);
  }
  CHECK(make_private_directory(deep).has_value());
  CHECK(make_private_directory(folder / "slash" / "").has_value());
  REQUIRE(::chmod(deep.c_str(), 0750) == 0);
  check_message(message_of(make_private_directory(deep)), {"chmod 700 " + deep.string()});
  check_message(message_of(check_private_directory(deep)), {"mode 0750"});
  check_message(message_of(check_private_directory(folder / "absent")), {"does not exist"});
  spill(folder / "f", "x");
  check_message(message_of(check_private_directory(folder / "f")), {"not a directory"});
  check_message(message_of(make_private_directory(folder / "f" / "d")), {"f/d"});
  check_message(message_of(make_private_directory("")), {"without a name"});
}

TEST_CASE("set_aside keeps the damaged file, the newest of them") {
  TemporaryFolder folder;
  for (const std::string content : {"one", "two"}) {
    spill(folder / "f", content);
    set_aside(folder / "f");
    CHECK(!fs::exists(folder / "f"));
    CHECK(slurp(folder / "f.damaged") == content);
  }
  set_aside(folder / "f");  // absent: nothing happens
  CHECK(slurp(folder / "f.damaged") == "two");
}

TEST_CASE("leftovers of a killed writer go, and nothing else") {
  TemporaryFolder folder;
  for (const char* name : {".ring.tmp-0123456789abcdef", "ring", ".hidden", "ring.tmp-0", ".tmp"}) {
    spill(folder / name, "x");
  }
  remove_leftovers(folder.path());
  CHECK(!fs::exists(folder / ".ring.tmp-0123456789abcdef"));
  CHECK(files_in(folder.path()) == 4);
}

TEST_CASE("a writer that is killed in the middle leaves the old file") {
  TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "f", as_bytes("old"), Privacy::secret).has_value());
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_DFL);  // dies in write(), with half of it on disk
    const struct rlimit limit = {4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit no_core = {0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    static_cast<void>(write_file_atomically(folder / "f", as_bytes(std::string(9000, 'x')), Privacy::secret));
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(slurp(folder / "f") == "old");
  CHECK(files_in(folder.path()) == 2);
  remove_leftovers(folder.path());
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a lock is held once, until it goes") {
  TemporaryFolder folder;
  {
    auto first = FileLock::acquire(folder / "lock", "busy here");
    REQUIRE(first.has_value());
    CHECK(mode_of(folder / "lock") == 0600);
    CHECK(message_of(FileLock::acquire(folder / "lock", "busy here")) == "busy here");
    const FileLock moved = std::move(first).value();
    CHECK(message_of(FileLock::acquire(folder / "lock", "busy here")) == "busy here");
  }
  auto again = FileLock::acquire(folder / "lock", "busy here");
  CHECK(again.has_value());
  auto other = FileLock::acquire(folder / "other", "busy there");
  REQUIRE(other.has_value());
  again.value() = std::move(other).value();  // releases what it held
  CHECK(FileLock::acquire(folder / "lock", "busy here").has_value());
  CHECK(message_of(FileLock::acquire(folder / "other", "busy there")) == "busy there");
  check_message(message_of(FileLock::acquire(folder / "no" / "lock", "busy")), {"cannot lock"});
  fs::create_symlink(folder / "target", folder / "link");
  check_message(message_of(FileLock::acquire(folder / "link", "busy")), {"cannot lock"});
}

TEST_CASE("a program that this one starts does not inherit the lock") {
  TemporaryFolder folder;
  auto lock = FileLock::acquire(folder / "lock", "busy");
  REQUIRE(lock.has_value());
  // A hook that outlives the agent must not keep its directory locked.
  for (const auto& at : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (fs::read_symlink(at.path(), gone) != folder / "lock" || gone) continue;
    const int flags = ::fcntl(std::stoi(at.path().filename().string()), F_GETFD);
    CHECK((flags & FD_CLOEXEC) != 0);
  }
}

TEST_CASE("shell_word") {
  struct {
    const char* path;
    const char* word;
  } const cases[] = {
      {"/var/lib/quorumor-1", "/var/lib/quorumor-1"},
      {"a b", "'a b'"},
      {"it's", "'it'\\''s'"},
      {"$(reboot)", "'$(reboot)'"},
      {"", "''"},
      {"~x", "'~x'"},
  };
  for (const auto& c : cases) CHECK(shell_word(c.path) == c.word);
}

TEST_CASE("wiped bytes") {
  WipedBytes a(to_vector(as_bytes("secret")));
  const WipedBytes b(std::move(a));
  CHECK(as_text(b.view()) == "secret");
}
