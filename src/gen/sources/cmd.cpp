// cmd: the lines of a command's output.

#include <sys/wait.h>

#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "gen/sources/command_child.hpp"
#include "gen/sources/failure.hpp"
#include "gen/sources/line_reader.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

constexpr std::chrono::seconds kGrace{2};  // from SIGTERM to SIGKILL

std::string ending(int status) {
  if (WIFEXITED(status)) return "exited with status " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const char* const name = ::sigabbrev_np(number);
  const std::string sign = name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(number);
  return "was ended by " + sign;
}

class Cmd final : public Stream {
 public:
  Cmd(std::string name, std::vector<std::string> words, const Runtime& runtime)
      : name_(std::move(name)), words_(std::move(words)), reader_(runtime.record_end), runtime_(runtime) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (!child_) {
      auto started = CommandChild::start(words_);
      if (!started) co_return fail(runtime_, with_context(std::move(started).error()));
      child_.emplace(*std::move(started));
    }
    Result<void> read = co_await reader_.next(child_->output(), true, out, want);
    if (read && !out.empty()) co_return read;
    if (!read) {
      co_await close();
      Error error = std::move(read).error();
      error.context = "cannot read the output of " + name_;
      co_return fail(runtime_, with_context(std::move(error)));
    }
    Result<int> status = co_await child_->wait();
    child_.reset();
    if (!status) co_return fail(runtime_, with_context(std::move(status).error()));
    returned_ = WIFEXITED(*status) ? "exit " + std::to_string(WEXITSTATUS(*status)) : ending(*status);
    if (*status == 0) co_return Result<void>();
    co_return fail(runtime_, Error{ErrorKind::kItem, {}, "cmd: " + name_ + " " + ending(*status)});
  }

  [[nodiscard]] task<void> close() override {
    if (!child_) co_return;
    co_await child_->end(kGrace);
    child_.reset();
  }

  [[nodiscard]] bool live() const override { return true; }
  [[nodiscard]] std::string returned() const override { return returned_; }

 private:
  static Error with_context(Error error) {
    error.context.insert(0, "cmd: ");
    return error;
  }

  std::string name_;  // quoted
  std::vector<std::string> words_;
  std::optional<CommandChild> child_;
  LineReader reader_;
  const Runtime& runtime_;
  std::string returned_;
};

// As `pool` has it: one word with blanks or other shell syntax is a command line.
bool wants_shell(const std::vector<Word>& words) {
  return words.size() == 1 && words.front().text.find_first_of(" \t\n|&;<>()$`\\\"'*?[]#~=%!{}") != std::string::npos;
}

}  // namespace

Result<StreamPtr> make_cmd(StageArguments& arguments) {
  std::vector<std::string> words;
  for (const Word& word : arguments.operands()) {
    if (word.text.find('\0') != std::string::npos) return Unexpected(arguments.refuse(word, "holds a NUL byte"));
    words.push_back(word.text);
  }
  std::string name = quote(words.front());
  if (wants_shell(arguments.operands())) words.insert(words.begin(), {"/bin/sh", "-c"});
  return StreamPtr(std::make_unique<Cmd>(std::move(name), std::move(words), arguments.runtime()));
}

}  // namespace mtask::gen
