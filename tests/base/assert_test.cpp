#include "base/assert.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace {

// Runs `action` in a child and says which signal ended it; 0 if it returned.
template <class Action>
int signal_of(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // doctest installs its own
    close(STDERR_FILENO);
    action();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_CASE("a broken invariant aborts the process in every build, a sound one does nothing") {
  CHECK(signal_of([] { QUORUMOR_ASSERT(1 + 1 == 3); }) == SIGABRT);
  CHECK(signal_of([] { QUORUMOR_ASSERT(1 + 1 == 2); }) == 0);
}

TEST_CASE("the expression is evaluated exactly once") {
  int calls = 0;
  QUORUMOR_ASSERT(++calls == 1);
  CHECK(calls == 1);
}

}  // namespace
