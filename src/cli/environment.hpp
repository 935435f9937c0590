#pragma once
// The environment as a value, so that tests can make one.

#include <map>
#include <optional>
#include <string>

namespace mtask::cli {

class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}

  // A copy of the process's own.
  [[nodiscard]] static Environment of_process();

  // Unset and empty are the same.
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const;
  [[nodiscard]] const std::map<std::string, std::string>& variables() const { return variables_; }

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace mtask::cli
