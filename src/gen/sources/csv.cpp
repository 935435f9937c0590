// csv: records of a file of comma separated values.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "gen/csv_parser.hpp"
#include "gen/number.hpp"
#include "gen/sources/input_file.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/io.hpp"

namespace mtask::gen {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kTextBytes = 256 * 1024;  // of a batch, as far as a record is not longer

struct CsvOptions {
  std::string file;  // "-": standard input
  char delimiter = ',';
  bool has_header = true;
  std::optional<std::string> column;  // its name, or its number from 1
};

class Csv final : public Source {
 public:
  Csv(CsvOptions options, Runtime& runtime)
      : options_(std::move(options)),
        runtime_(runtime),
        parser_(options_.delimiter),
        header_due_(options_.has_header) {}

  [[nodiscard]] bool live() const override { return comes_live(options_.file); }

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.start_rows();
    for (;;) {
      Result<void> parsed = pending_ ? Result<void>() : take_records(out, want);
      if (!parsed) pending_ = std::move(parsed).error();
      if (!out.empty()) co_return Result<void>();
      if (pending_) {
        Error error = std::move(*pending_);
        co_return Unexpected(std::move(error));
      }
      if (at_end_) co_return Result<void>();
      Result<void> read = open();
      if (read && file_.waits) co_await readable(file_.fd.get());
      if (read) read = read_block();
      if (!read) co_return read;
    }
  }

 private:
  [[nodiscard]] Error failure(const std::string& what) const {
    return Error{ErrorKind::kItem, {}, "csv: " + shown_input(options_.file) + " " + what};
  }

  Result<void> open() {
    if (file_.fd) return {};
    auto opened = open_input("csv", options_.file);
    if (!opened) return Unexpected(std::move(opened).error());
    file_ = *std::move(opened);
    block_ = std::make_unique<char[]>(kBlock);
    return {};
  }

  Result<void> read_block() {
    ssize_t count = 0;
    do {
      count = ::read(file_.fd.get(), block_.get(), kBlock);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN) return {};  // somebody else was faster
    if (count < 0)
      return Unexpected(system_error(ErrorKind::kItem, errno, "csv: cannot read " + shown_input(options_.file)));
    input_ = std::string_view(block_.get(), static_cast<std::size_t>(count));
    exhausted_ = count == 0;
    return {};
  }

  // What the bytes at hand give. Values in `out` come before the failure.
  Result<void> take_records(Batch& out, std::size_t want) {
    while (out.size() < want && out.text_bytes() < kTextBytes && !at_end_) {
      auto parsed = exhausted_ ? parser_.finish() : parser_.parse(input_);
      if (!parsed) return Unexpected(failure("line " + std::to_string(parser_.line()) + " " + parsed.error().context));
      at_end_ = exhausted_;
      if (*parsed) {
        if (auto taken = take_record(out); !taken) return taken;
      } else if (!exhausted_) {
        break;
      }
    }
    // A header alone has no values, but it may lack the column.
    if (at_end_ && header_due_ && options_.column) return Unexpected(failure("is empty: there is no header"));
    return {};
  }

  Result<void> take_record(Batch& out) {
    if (header_due_) {
      header_due_ = false;
      fields_ = parser_.size();
      return find_column();
    }
    if (!fields_) {
      fields_ = parser_.size();
      if (auto found = find_column(); !found) return found;
    }
    if (parser_.size() != *fields_) {
      Error ragged =
          failure("line " + std::to_string(parser_.line()) + " has " + std::to_string(parser_.size()) +
                  (parser_.size() == 1 ? " field" : " fields") + " and the first has " + std::to_string(*fields_));
      if (!runtime_.keep_going) return Unexpected(std::move(ragged));
      runtime_.report(ragged);
      return {};
    }
    if (column_) {
      add_field(out, *column_);
    } else {
      for (std::size_t i = 0; i < parser_.size(); ++i) add_field(out, i);
    }
    out.end_row();
    return {};
  }

  void add_field(Batch& out, std::size_t number) const {
    const std::string_view text = parser_.field(number);
    out.add_field(text, is_plain_number(text));
  }

  // In the record at hand.
  Result<void> find_column() {
    if (!options_.column) return {};
    const std::string& wanted = *options_.column;
    if (options_.has_header) {
      for (std::size_t i = 0; i < parser_.size() && !column_; ++i) {
        if (parser_.field(i) == wanted) column_ = i;
      }
    }
    if (column_) return {};
    std::size_t number = 0;
    const char* const end = wanted.data() + wanted.size();
    const auto read = std::from_chars(wanted.data(), end, number);
    if (read.ec == std::errc() && read.ptr == end && number >= 1 && number <= parser_.size()) {
      column_ = number - 1;
      return {};
    }
    if (!options_.has_header) {
      return Unexpected(failure("has no column " + quote(wanted) + "; they are numbered from 1 to " +
                                std::to_string(parser_.size())));
    }
    std::string known;
    for (std::size_t i = 0; i < parser_.size(); ++i) known += (i == 0 ? "" : ", ") + quote(parser_.field(i));
    return Unexpected(failure("has no column " + quote(wanted) + "; there are " + known));
  }

  CsvOptions options_;
  Runtime& runtime_;
  CsvParser parser_;
  bool header_due_;
  std::optional<std::size_t> fields_;  // of every record
  std::optional<std::size_t> column_;
  InputFile file_;
  std::unique_ptr<char[]> block_;
  std::string_view input_;  // what is left of the block
  bool exhausted_ = false;  // the file
  bool at_end_ = false;     // the records
  std::optional<Error> pending_;
};

}  // namespace

Result<StreamPtr> make_csv(StageArguments& arguments) {
  CsvOptions options;
  options.file = arguments.operands()[0].text;
  if (options.file == kStandardInput) {
    if (auto taken = arguments.take_standard_input(arguments.operands()[0]); !taken) {
      return Unexpected(std::move(taken).error());
    }
  }
  options.has_header = !arguments.has("no-header");
  if (const Word* const column = arguments.find("column")) options.column = column->text;
  if (const Word* const delimiter = arguments.find("delimiter")) {
    const std::string& text = delimiter->text;
    if (text == "\\t" || text == "tab") {
      options.delimiter = '\t';
    } else if (text.size() == 1 && text != "\"" && text != "\n" && text != "\r") {
      options.delimiter = text.front();
    } else {
      return Unexpected(arguments.refuse(*delimiter, "is no delimiter: one byte, or 'tab'"));
    }
  }
  return StreamPtr(std::make_unique<Csv>(std::move(options), arguments.runtime()));
}

}  // namespace mtask::gen
