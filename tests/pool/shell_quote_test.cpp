#include "pool/shell_quote.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "support/command.hpp"
#include "support/environment.hpp"

using mtask::pool::job_shell;
using mtask::pool::quoted_length;
using mtask::pool::shell_quoted;

namespace {

std::string random_value(std::mt19937& random) {
  constexpr std::string_view kNasty = "'\"\\$`!*?[]{}()<>|&;~# \t\n\r\x01\x7f\xff\xc3\xa9=-a0";
  std::string value(std::uniform_int_distribution<std::size_t>(0, 12)(random), ' ');
  for (char& c : value) c = kNasty[random() % kNasty.size()];
  return value;
}

// A variable of the environment, unset until set() and as it was before at the end.
class Variable {
 public:
  explicit Variable(const char* name) : name_(name) {
    if (const char* value = std::getenv(name)) before_ = value;
    ::unsetenv(name);
  }
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  void set(const char* value) const { ::setenv(name_, value, 1); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("a quoted value is parallel's form of it") {
  CHECK(shell_quoted("") == "''");
  CHECK(shell_quoted("a-_.+/Z9") == "a-_.+/Z9");
  CHECK(shell_quoted("a b") == "'a b'");
  CHECK(shell_quoted("a:b") == "'a:b'");
  CHECK(shell_quoted("'") == "\"'\"");
  CHECK(shell_quoted("''") == "\"'\"''\"'\"");
  CHECK(shell_quoted("a'") == "'a'\"'\"");
  CHECK(shell_quoted("'a") == "\"'\"'a'");
  CHECK(shell_quoted("it's") == "'it'\"'\"'s'");
  CHECK(shell_quoted("a\nb") == "'a\nb'");
}

TEST_CASE("a shell gives back each quoted value, whatever its bytes") {
  std::mt19937 random(1);
  std::vector<std::string> values = {std::string(100'000, '\'')};
  for (int i = 0; i < 2000; ++i) values.push_back(random_value(random));
  std::string script;
  std::string expected;
  for (const std::string& value : values) {
    INFO(value);
    CHECK(shell_quoted(value).size() == quoted_length(value));
    script += "printf '%s\\000' " + shell_quoted(value) + "\n";
    expected += value + '\0';
  }
  for (const char* shell : {"sh", "bash"}) {
    if (!mtask::test::has_command(shell)) continue;
    CHECK(mtask::test::run({.argv = {shell, "-s"}, .env = {}, .cwd = {}, .input = script}).out == expected);
  }
}

TEST_CASE("only a Bourne-like shell runs jobs") {
  const Variable wanted("PARALLEL_SHELL");
  const Variable shell("SHELL");
  shell.set("/usr/bin/bash");
  CHECK(*job_shell() == "/usr/bin/bash");
  shell.set("/usr/bin/fish");
  CHECK(*job_shell() == "/bin/sh");
  wanted.set("/opt/zsh");
  CHECK(*job_shell() == "/opt/zsh");
  wanted.set("/bin/tcsh");
  REQUIRE_FALSE(job_shell());
  CHECK(job_shell().error().kind == mtask::ErrorKind::kUsage);
}
