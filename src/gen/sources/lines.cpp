// lines: of files, one after the other.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gen/sources/failure.hpp"
#include "gen/sources/input_file.hpp"
#include "gen/sources/line_reader.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

class Lines final : public Stream {
 public:
  Lines(std::vector<std::string> files, char line_end, const Runtime& runtime)
      : files_(std::move(files)), reader_(line_end), runtime_(runtime) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    for (;;) {
      out.clear();
      if (!file_.fd) {
        if (at_ == files_.size()) co_return Result<void>();
        auto opened = open_input("lines", files_[at_]);
        if (!opened) {
          Result<void> failed = fail(runtime_, next_file(std::move(opened).error()));
          if (!failed) co_return failed;
          continue;
        }
        file_ = *std::move(opened);
      }
      Result<void> read = co_await reader_.next(file_.fd.get(), file_.waits, out, want);
      if (!read) {
        Error error = std::move(read).error();
        error.context = "lines: cannot read " + shown_input(files_[at_]);
        Result<void> failed = fail(runtime_, next_file(std::move(error)));
        if (!failed) co_return failed;
        continue;
      }
      if (!out.empty()) co_return Result<void>();
      next_file();
    }
  }

  [[nodiscard]] task<void> close() override {
    file_.fd.reset();
    at_ = files_.size();
    co_return;
  }

  [[nodiscard]] bool live() const override {
    if (!live_) live_ = std::any_of(files_.begin(), files_.end(), comes_live);
    return *live_;
  }

 private:
  void next_file() {
    file_.fd.reset();
    reader_.restart();
    ++at_;
  }
  Error next_file(Error error) {
    next_file();
    return error;
  }

  std::vector<std::string> files_;
  std::size_t at_ = 0;
  InputFile file_;
  LineReader reader_;
  const Runtime& runtime_;
  mutable std::optional<bool> live_;
};

}  // namespace

Result<StreamPtr> make_lines(StageArguments& arguments) {
  std::vector<std::string> files;
  const Runtime& runtime = arguments.runtime();
  for (const Word& word : arguments.operands()) {
    if (word.text.find('\0') != std::string::npos) return Unexpected(arguments.refuse(word, "is no name of a file"));
    files.push_back(word.text);
    if (word.text != kStandardInput) continue;
    if (auto taken = arguments.take_standard_input(word); !taken) return Unexpected(std::move(taken).error());
  }
  if (files.empty()) {
    if (auto taken = arguments.take_standard_input(arguments.name()); !taken)
      return Unexpected(std::move(taken).error());
    files.emplace_back(kStandardInput);
  }
  const char line_end = arguments.has("null") ? '\0' : runtime.record_end;
  return StreamPtr(std::make_unique<Lines>(std::move(files), line_end, runtime));
}

}  // namespace mtask::gen
