#include <string>
#include <vector>

#include "cli/dispatch.hpp"
#include "cli/environment.hpp"
#include "cli/signals.hpp"
#include "cli/streams.hpp"
#include "mtask/stop.hpp"

int main(int argc, char** argv) {
  mtask::cli::fill_closed_streams();
  static mtask::StopSource stop;
  mtask::cli::install_signal_handlers(stop);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return mtask::cli::dispatch(arguments, mtask::cli::Environment::of_process(), stop);
}
