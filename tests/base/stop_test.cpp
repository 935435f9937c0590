#include "mtask/stop.hpp"

#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

using mtask::StopSource;
using mtask::StopToken;

namespace {

bool readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1 && (entry.revents & POLLIN) != 0;
}

StopSource* in_handler = nullptr;

}  // namespace

TEST_CASE("a default token never stops") {
  const StopToken token;
  CHECK_FALSE(token.stop_requested());
  CHECK(token.fd() == -1);
}

TEST_CASE("a request is seen by every token and wakes a poll for good") {
  StopSource source;
  const StopToken token = source.token();
  const StopToken copy = token;
  CHECK_FALSE(token.stop_requested());
  CHECK_FALSE(readable(token.fd()));
  source.request(SIGTERM);
  CHECK(token.stop_requested());
  CHECK(copy.stop_requested());
  CHECK(readable(copy.fd()));
  CHECK(readable(copy.fd()));
}

TEST_CASE("the first reason stays") {
  StopSource source;
  source.request(0);
  source.request(SIGINT);
  CHECK(source.token().stop_requested());
  CHECK(source.token().reason() == 0);
}

TEST_CASE("a signal handler may request the stop") {
  StopSource source;
  in_handler = &source;
  const auto before = std::signal(SIGUSR1, [](int signal) { in_handler->request(signal); });
  std::raise(SIGUSR1);
  std::signal(SIGUSR1, before);
  CHECK(source.token().reason() == SIGUSR1);
  CHECK(readable(source.token().fd()));
}
