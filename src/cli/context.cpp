#include "cli/context.hpp"

#include <unistd.h>

#include "base/log.hpp"

namespace mtask::cli {

void tell(const Context& context, const std::string& message) {
  Output error(STDERR_FILENO);
  error.write(context.name + ": " + message + "\n");
  (void)error.finish();
  log::record(log::Level::kError, message);
}

}  // namespace mtask::cli
