// spawn_loop COUNT IN_FLIGHT PROGRAM: runs PROGRAM with each number below COUNT as its argument, at most IN_FLIGHT at
// once, by posix_spawn and wait, with nothing captured or recorded: what the machine gives at best to a single process.
#include <spawn.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

extern char** environ;

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const long count = std::atol(argv[1]);
  const long most = std::atol(argv[2]);
  char number[24];
  char* const words[] = {argv[3], number, nullptr};
  long running = 0;
  for (long started = 0; started < count || running > 0;) {
    if (started < count && running < most) {
      pid_t pid = 0;
      std::snprintf(number, sizeof number, "%ld", started);
      if (const int error = posix_spawn(&pid, argv[3], nullptr, nullptr, words, environ); error != 0) {
        std::fprintf(stderr, "cannot start %s: error %d\n", argv[3], error);
        return 1;
      }
      ++started;
      ++running;
    } else if (wait(nullptr) > 0) {
      --running;
    }
  }
}
