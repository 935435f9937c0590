#include "gen/sources/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "os/syscall.hpp"

namespace mtask::gen {

std::string shown_input(const std::string& file) { return file == kStandardInput ? "standard input" : quote(file); }

bool comes_live(const std::string& file) {
  struct stat status {};
  const int told = file == kStandardInput ? ::fstat(STDIN_FILENO, &status) : ::stat(file.c_str(), &status);
  return told == 0 && !S_ISREG(status.st_mode);
}

Result<InputFile> open_input(const std::string& stage, const std::string& file) {
  InputFile input;
  // Standard input is shared with others, so its mode stays as it is.
  input.fd.reset(file == kStandardInput ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : os::retry([&] {
    return ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  }));
  struct stat status {};
  if (!input.fd || ::fstat(input.fd.get(), &status) == -1) {
    return Unexpected(system_error(ErrorKind::kItem, errno, stage + ": cannot open " + shown_input(file)));
  }
  input.waits = !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
  return input;
}

}  // namespace mtask::gen
