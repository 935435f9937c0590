#pragma once
// Records of comma separated values as of RFC 4180: fields in quotes may hold delimiters, ends of lines and doubled
// quotes; lines end in LF or CRLF. Also taken: a byte order mark before the first, a last line without an end, quotes
// inside a field that doesn't begin with one. Blank lines are no records. Bytes are kept as they are.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mtask/result.hpp"

namespace mtask::gen {

class CsvParser {
 public:
  explicit CsvParser(char delimiter) noexcept : delimiter_(delimiter) {}

  // Takes bytes off `input`, up to the end of a record; true when there is one, false when it needs more. The reason of
  // a failure is a phrase.
  [[nodiscard]] Result<bool> parse(std::string_view& input);
  // At the end of the input: whether there is a last record.
  [[nodiscard]] Result<bool> finish();

  // The record, until the next call.
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  [[nodiscard]] std::string_view field(std::size_t number) const noexcept {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return std::string_view(text_).substr(begin, ends_[number] - begin);
  }
  // The line it began in, from 1.
  [[nodiscard]] std::uint64_t line() const noexcept { return record_line_; }

 private:
  enum class State : std::uint8_t {
    kMark,        // before the first byte that is none of the byte order mark
    kStart,       // of a field
    kPlain,       // in a field without quotes
    kQuoted,      // in one with quotes
    kQuote,       // after a quote in one: its end, or one of two
    kReturn,      // after a CR in one without quotes
    kQuoteReturn  // after the CR after one with quotes
  };
  void begin_record();
  void end_field() { ends_.push_back(text_.size()); }
  [[nodiscard]] bool end_record();
  std::size_t skip_mark(std::string_view input);
  void take_run(std::string_view& input);
  [[nodiscard]] bool take_start(char c);
  [[nodiscard]] bool take_plain(char c);
  [[nodiscard]] Result<bool> take_after_quote(char c);

  char delimiter_;
  State state_ = State::kMark;
  bool complete_ = true;     // what is held was handed out
  bool had_quotes_ = false;  // in the record
  std::size_t mark_ = 0;     // bytes of the byte order mark seen
  std::string text_;         // of all fields
  std::vector<std::size_t> ends_;
  std::uint64_t line_ = 1;
  std::uint64_t record_line_ = 1;
};

}  // namespace mtask::gen
