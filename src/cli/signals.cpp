#include "cli/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "ui/ui.hpp"

namespace mtask::cli {
namespace {

std::atomic<StopSource*> g_stop{nullptr};
std::atomic<bool> g_stopping{false};
static_assert(std::atomic<StopSource*>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

extern "C" void on_stop_signal(int number) {
  const int saved = errno;
  if (g_stopping.exchange(true)) {
    ui::erase_bar_now();
    ::_exit(128 + number);
  }
  g_stop.load()->request(number);
  errno = saved;
}

}  // namespace

void install_signal_handlers(StopSource& stop) {
  g_stop.store(&stop);
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&action.sa_mask, number);
  action.sa_handler = on_stop_signal;
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    struct sigaction before {};
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
  }
  // Whoever started this may have ignored it; then children would end without a status.
  ::signal(SIGCHLD, SIG_DFL);
  action.sa_handler = SIG_IGN;
  for (const int number : {SIGPIPE, SIGXFSZ}) ::sigaction(number, &action, nullptr);
}

}  // namespace mtask::cli
