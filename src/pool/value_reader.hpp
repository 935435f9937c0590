#pragma once
// Reads the values of one input source, one at a time.
//
// A value ends at the delimiter; the last one needs none. Values are bytes; an empty line is an empty value. Memory:
// the read buffer and the longest value. Not thread-safe. A file is owned; standard input is not.
// Errors: an unopenable or unreadable input (kUnavailable), a NUL byte inside a value, which no argument can hold.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "mtask/pool.hpp"
#include "mtask/result.hpp"

namespace mtask::pool {

// kWait: none without a read that may block; poll fd(), call fill(), ask again.
enum class Step : std::uint8_t { kGot, kWait, kEnd };

struct ValueFormat {
  char delimiter = '\n';
  std::optional<std::string> end = std::nullopt;  // the value that ends the source, itself dropped
  bool continue_lines = false;                    // a value that ends in a blank goes on in the next one
  bool skip_blank = false;                        // drop values without a visible character
};

class ValueReader {
 public:
  // `standard_input` is the descriptor that stands for it.
  [[nodiscard]] static Result<ValueReader> open(InputSource source, const ValueFormat& format, int standard_input);

  [[nodiscard]] Result<Step> next(std::string& value);
  // The value as it stands there: no end value, no continuation, nothing skipped.
  [[nodiscard]] Result<Step> next_raw(std::string& value);

  // One read; blocks when fd() is not readable.
  [[nodiscard]] Result<void> fill();
  // What may block: a pipe, socket or terminal; else -1, and next() never says kWait.
  [[nodiscard]] int fd() const { return pollable_ ? fd_ : -1; }

  // How many values next() will still give, where that is known without reading.
  [[nodiscard]] std::optional<std::uint64_t> count() const;

 private:
  ValueReader(InputSource source, const ValueFormat& format) : source_(std::move(source)), format_(format) {}
  [[nodiscard]] Result<void> open_file(int standard_input);
  [[nodiscard]] Result<void> refuse_nul(std::string_view value) const;
  [[nodiscard]] std::string name() const;

  InputSource source_;
  ValueFormat format_;
  std::size_t index_ = 0;  // of source_.values

  UniqueFd owned_;
  int fd_ = -1;
  bool pollable_ = false;
  bool at_end_ = false;  // of the file
  bool ended_ = false;   // by the end value
  std::string buffer_;   // [begin_, end_) is read and not given
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t searched_ = 0;  // no delimiter before it
  std::optional<std::string> continued_;
};

// Blanks as the trimming and skipping of values knows them: space, \t, \n, \v, \f, \r.
[[nodiscard]] bool is_blank(char c);
[[nodiscard]] std::string_view trimmed(std::string_view value, Inputs::Trim trim);

}  // namespace mtask::pool
