#pragma once
// What the tests of this layer share.

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "mtask/event_loop.hpp"
#include "mtask/scope.hpp"
#include "mtask/sleep.hpp"
#include "mtask/task.hpp"

namespace mtask::test {

using Log = std::vector<std::string>;

// Writes its name down at its end.
class Witness {
 public:
  Witness(Log& log, std::string name) : log_(&log), name_(std::move(name)) {}
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { log_->push_back("end of " + name_); }

 private:
  Log* log_;
  std::string name_;
};

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};

inline Pipe make_pipe(int flags = 0) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC | flags) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Runs in a loop of its own.
template <class T>
T run(task<T> main) {
  event_loop loop;
  return loop.run(std::move(main));
}

}  // namespace mtask::test
