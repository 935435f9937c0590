#include "gen/csv_parser.hpp"

#include <algorithm>

namespace mtask::gen {
namespace {

constexpr std::string_view kMarkBytes = "\xef\xbb\xbf";
// Most likely a quote that is never closed; and no batch holds more.
constexpr std::size_t kMostBytes = std::size_t{1} << 30U;

Unexpected refused(const char* reason) { return Unexpected(Error{ErrorKind::kItem, {}, reason}); }

}  // namespace

void CsvParser::begin_record() {
  text_.clear();
  ends_.clear();
  had_quotes_ = false;
  complete_ = false;
  record_line_ = line_;
}

// False: a blank line.
bool CsvParser::end_record() {
  end_field();
  state_ = State::kStart;
  if (ends_.size() == 1 && text_.empty() && !had_quotes_) {
    begin_record();
    return false;
  }
  complete_ = true;
  return true;
}

// How many bytes of `input` belong to a byte order mark. What looked like one but is none begins the first field.
std::size_t CsvParser::skip_mark(std::string_view input) {
  std::size_t taken = 0;
  while (taken < input.size() && mark_ < kMarkBytes.size() && input[taken] == kMarkBytes[mark_]) {
    ++taken;
    ++mark_;
  }
  if (taken == input.size() && mark_ < kMarkBytes.size()) return taken;
  state_ = State::kStart;
  if (mark_ > 0 && mark_ < kMarkBytes.size()) {
    text_ += kMarkBytes.substr(0, mark_);
    state_ = State::kPlain;
  }
  return taken;
}

// Bytes that mean nothing where they stand, all at once.
void CsvParser::take_run(std::string_view& input) {
  std::size_t end = 0;
  if (state_ == State::kQuoted) {
    end = std::min(input.find('"'), input.size());
    line_ +=
        static_cast<std::uint64_t>(std::count(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
  } else if (state_ == State::kPlain || state_ == State::kStart) {
    while (end < input.size() && input[end] != delimiter_ && input[end] != '\n' && input[end] != '\r' &&
           (state_ == State::kPlain || input[end] != '"')) {
      ++end;
      state_ = State::kPlain;
    }
  }
  text_ += input.substr(0, end);
  input.remove_prefix(end);
}

bool CsvParser::take_start(char c) {
  if (c == '"') {
    had_quotes_ = true;
    state_ = State::kQuoted;
    return false;
  }
  return take_plain(c);
}

bool CsvParser::take_plain(char c) {
  if (c == '\n') {
    ++line_;
    return end_record();
  }
  if (c == '\r') {
    state_ = State::kReturn;
  } else if (c == delimiter_) {
    end_field();
    state_ = State::kStart;
  } else {
    text_ += c;
    state_ = State::kPlain;
  }
  return false;
}

Result<bool> CsvParser::take_after_quote(char c) {
  if (c == '"' && state_ == State::kQuote) {
    text_ += c;
    state_ = State::kQuoted;
    return false;
  }
  if (c == '\n' || (c == delimiter_ && state_ == State::kQuote)) return take_plain(c);
  if (c == '\r' && state_ == State::kQuote) {
    state_ = State::kQuoteReturn;
    return false;
  }
  return refused("has text after a closing quote");
}

Result<bool> CsvParser::parse(std::string_view& input) {
  if (complete_) begin_record();
  if (state_ == State::kMark) input.remove_prefix(skip_mark(input));
  while (!input.empty()) {
    take_run(input);
    if (text_.size() > kMostBytes) return refused("has a record of more than 1 GiB; is a quote never closed?");
    if (input.empty()) break;
    const char c = input.front();
    input.remove_prefix(1);
    switch (state_) {
      case State::kReturn:
        if (c == '\n') {
          ++line_;
          if (end_record()) return true;
        } else {
          text_ += '\r';
          if (take_plain(c)) return true;
        }
        break;
      case State::kQuoted:
        state_ = State::kQuote;
        break;
      case State::kQuote:
      case State::kQuoteReturn: {
        auto ended = take_after_quote(c);
        if (!ended || *ended) return ended;
        break;
      }
      case State::kMark:
      case State::kStart:
        if (take_start(c)) return true;
        break;
      case State::kPlain:
        if (take_plain(c)) return true;
        break;
    }
  }
  return false;
}

Result<bool> CsvParser::finish() {
  if (complete_) return false;
  if (state_ == State::kQuoted) return refused("has a quote that is never closed");
  if (state_ == State::kMark) text_ += kMarkBytes.substr(0, mark_);
  return end_record();
}

}  // namespace mtask::gen
