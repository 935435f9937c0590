#include "mtask/result.hpp"

namespace mtask {

std::string Error::message() const {
  if (!code) return context;
  if (context.empty()) return code.message();
  return context + ": " + code.message();
}

Error system_error(ErrorKind kind, int errno_value, std::string context) {
  return {kind, std::error_code(errno_value, std::generic_category()), std::move(context)};
}

Error usage_error(std::string context) { return {ErrorKind::kUsage, {}, std::move(context)}; }

}  // namespace mtask
