#include "support/environment.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace mtask::test {

bool is_root() { return ::geteuid() == 0; }

bool has_command(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream directories(std::string(path != nullptr ? path : "") + ":/usr/sbin:/sbin");
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (::access((directory + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace mtask::test
