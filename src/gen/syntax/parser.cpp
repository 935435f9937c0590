#include "gen/syntax/parser.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "gen/number.hpp"

namespace mtask::gen {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \t\n'\"\\|*?<>&;()$`") != std::string_view::npos;
}

// One line for a person; only for showing, so that a caret can point into it.
std::string shown(std::string_view text) { return needs_quotes(text) ? quote(text) : one_line(text); }

class TextReader {
 public:
  explicit TextReader(std::string_view text) : line_(std::make_shared<const std::string>(text)), text_(*line_) {}

  Result<Pipeline> read() {
    for (;;) {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      if (text_[at_] == '|') {
        if (auto ended = end_stage(here(1)); !ended) return Unexpected(std::move(ended).error());
        ++at_;
        continue;
      }
      auto word = read_word();
      if (!word) return Unexpected(std::move(word).error());
      if (word->text == ":" && word->length == 1) {
        if (auto ended = end_stage(*word); !ended) return Unexpected(std::move(ended).error());
        continue;
      }
      words_.push_back(std::move(*word));
    }
    if (auto ended = end_stage(here(0)); !ended) return Unexpected(std::move(ended).error());
    return std::move(pipeline_);
  }

 private:
  Word here(std::size_t length) const { return Word{"", line_, at_, length}; }

  Result<void> end_stage(const Word& separator) {
    if (words_.empty()) return Unexpected(error_at(separator, "a stage is missing here"));
    StageNode stage{std::move(words_.front()), {}};
    stage.words.assign(std::make_move_iterator(words_.begin() + 1), std::make_move_iterator(words_.end()));
    words_.clear();
    pipeline_.push_back(std::move(stage));
    return {};
  }

  Result<Word> read_word() {
    Word word = here(0);
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '|') {
      const char c = text_[at_];
      if (c == '\'' || c == '"') {
        if (auto read = read_quoted(c, word.text); !read) return Unexpected(std::move(read).error());
        continue;
      }
      if (c == '\\' && at_ + 1 < text_.size()) ++at_;
      word.text += text_[at_++];
    }
    word.length = at_ - word.at;
    return word;
  }

  Result<void> read_quoted(char quotes, std::string& into) {
    const Word opening = here(1);
    for (++at_; at_ < text_.size() && text_[at_] != quotes; ++at_) {
      const bool escapes = quotes == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
                           (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
      if (escapes) ++at_;
      into += text_[at_];
    }
    if (at_ == text_.size()) return Unexpected(error_at(opening, "this quote is never closed"));
    ++at_;
    return {};
  }

  std::shared_ptr<const std::string> line_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Word> words_;
  Pipeline pipeline_;
};

// "1..10", "1..10..2".
bool expand_range(StageNode& stage) {
  const std::string_view text = stage.name.text;
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  for (std::size_t dots = text.find(".."); dots != std::string_view::npos; dots = text.find("..", from)) {
    parts.push_back(text.substr(from, dots - from));
    from = dots + 2;
  }
  parts.push_back(text.substr(from));
  if (parts.size() < 2 || parts.size() > 3) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parse_decimal(parts[i]) && !(i == 1 && parts[i] == "inf")) return false;
  }
  std::vector<Word> words;
  for (const std::string_view part : parts) {
    Word word = stage.name;
    word.text = part;
    words.push_back(std::move(word));
  }
  stage.name.text = "range";
  stage.words = std::move(words);
  return true;
}

void expand_list(StageNode& stage) {
  const std::string text = stage.name.text;
  stage.name.text = "words";
  Word end_of_options = stage.name;
  end_of_options.text = "--";
  stage.words.push_back(std::move(end_of_options));
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    Word word = stage.name;
    word.text = text.substr(from, comma - from);
    stage.words.push_back(std::move(word));
    from = comma + 1;
  }
}

void expand_lines(StageNode& stage, std::string file) {
  Word end_of_options = stage.name;
  end_of_options.text = "--";
  Word word = stage.name;
  word.text = std::move(file);
  stage.name.text = "lines";
  stage.words = {std::move(end_of_options), std::move(word)};
}

}  // namespace

Error error_at(const Word& word, const std::string& message) {
  if (!word.line) return usage_error(message);
  const std::string& line = *word.line;
  const std::string before = one_line(std::string_view(line).substr(0, word.at));
  const std::string pointed = one_line(std::string_view(line).substr(word.at, word.length));
  std::size_t columns = 0;
  for (const char c : before) columns += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  std::size_t width = 0;
  for (const char c : pointed) width += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  std::string text = message + "\n  " + one_line(line) + "\n  " + std::string(columns, ' ') + '^';
  if (width > 1) text.append(width - 1, '~');
  return usage_error(std::move(text));
}

bool expand_shorthand(StageNode& stage) {
  if (!stage.words.empty()) return false;
  const std::string& text = stage.name.text;
  if (text == "-") {
    expand_lines(stage, "-");
    return true;
  }
  if (text.size() > 1 && text.front() == '@') {
    expand_lines(stage, text.substr(1));
    return true;
  }
  if (expand_range(stage)) return true;
  if (text.find(',') == std::string::npos) return false;
  expand_list(stage);
  return true;
}

Result<Pipeline> parse_arguments(std::span<const std::string> arguments) {
  std::string line;
  std::vector<Word> words;
  for (const std::string& argument : arguments) {
    if (!line.empty()) line += ' ';
    const std::string text = argument == "|" ? "'|'" : shown(argument);
    words.push_back(Word{argument, nullptr, line.size(), text.size()});
    line += text;
  }
  const auto shared = std::make_shared<const std::string>(std::move(line));
  Pipeline pipeline;
  bool stage_open = false;
  for (Word& word : words) {
    word.line = shared;
    if (word.text == ":") {
      if (!stage_open) return Unexpected(error_at(word, "a stage is missing here"));
      stage_open = false;
    } else if (stage_open) {
      pipeline.back().words.push_back(std::move(word));
    } else {
      pipeline.push_back(StageNode{std::move(word), {}});
      stage_open = true;
    }
  }
  if (!stage_open) return Unexpected(error_at(Word{"", shared, shared->size(), 0}, "a stage is missing here"));
  return pipeline;
}

Result<Pipeline> parse_text(std::string_view text) { return TextReader(text).read(); }

}  // namespace mtask::gen
