// Programs that end by a signal, in a child process whose stderr is read.
//
// A child begins without handlers of its own, so that a sanitizer's does not turn the signal into a report
// and an exit status; and it never exits, for a sanitizer or valgrind would look for leaks in it: what
// survives ends by SIGKILL, and what hangs by SIGALRM.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace freehold::test {

// Valgrind follows children, and writes a page about each that ends by a signal, leaks and all: tests of
// faults are left out there. Sanitizers run them.
inline bool in_valgrind() {
  const char* preloaded = std::getenv("LD_PRELOAD");
  return preloaded != nullptr && std::string_view(preloaded).find("vgpreload") != std::string_view::npos;
}

struct Death {
  int signal = 0;  // SIGKILL when the program came to its end
  std::string text;

  [[nodiscard]] bool says(const std::string& part) const { return text.find(part) != std::string::npos; }
};

template <typename Program>
[[nodiscard]] Death death_of(Program program) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    alarm(30);
    program();
    raise(SIGKILL);
  }
  close(ends[1]);
  Death death;
  char part[512];
  for (ssize_t length = 0; (length = read(ends[0], part, sizeof part)) > 0;)
    death.text.append(part, static_cast<std::size_t>(length));
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  death.signal = WTERMSIG(status);
  return death;
}

}  // namespace freehold::test
