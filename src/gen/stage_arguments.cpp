#include "gen/stage_arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "base/units.hpp"
#include "gen/builder.hpp"
#include "gen/indexed.hpp"
#include "gen/random.hpp"
#include "gen/syntax/parser.hpp"

namespace mtask::gen {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// -1, -.5, -inf and - are values.
bool looks_like_option(std::string_view text) {
  if (text.size() < 2 || text.front() != '-' || text == "-inf") return false;
  if (text[1] == ' ' || text[1] == '|') return false;  // "- | map x" is a pipeline
  return !is_digit(text[1]) && text[1] != '.';
}

std::string usage(const StageRow& row) {
  return std::string(row.name) + (row.operands.empty() ? "" : " " + std::string(row.operands));
}

}  // namespace

Result<StageArguments> StageArguments::read(const StageRow& row, const StageNode& node, StreamPtr upstream,
                                            Runtime& runtime) {
  StageArguments arguments;
  arguments.row_ = &row;
  arguments.name_ = node.name;
  arguments.upstream_ = std::move(upstream);
  arguments.runtime_ = &runtime;
  if (auto sorted = arguments.sort(node.words); !sorted) return Unexpected(std::move(sorted).error());
  if (auto checked = arguments.check_count(); !checked) return Unexpected(std::move(checked).error());
  return arguments;
}

Result<void> StageArguments::sort(const std::vector<Word>& words) {
  bool options_ended = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    const bool has_letter = word.text.size() == 2 && word.text[0] == '-' &&
                            std::any_of(row_->options.begin(), row_->options.end(),
                                        [&](const StageOption& option) { return option.letter == word.text[1]; });
    // "-x" is an expression where one is still to come.
    const bool expression = !has_letter && !word.text.starts_with("--") && operands_.size() < row_->least &&
                            row_->operands.find("EXPR") != std::string_view::npos;
    if (options_ended || expression || (!looks_like_option(word.text) && !has_letter)) {
      operands_.push_back(word);
      options_ended = options_ended || row_->options_first;
      continue;
    }
    if (word.text == "--") {
      options_ended = true;
      continue;
    }
    const bool is_long = word.text.starts_with("--");
    const std::size_t equals = is_long ? word.text.find('=') : std::string::npos;
    const std::string_view name = std::string_view(word.text).substr(is_long ? 2 : 1, is_long ? equals - 2 : 1);
    const auto option = std::find_if(row_->options.begin(), row_->options.end(), [&](const StageOption& candidate) {
      return is_long ? candidate.name == name : candidate.letter != 0 && candidate.letter == name.front();
    });
    if (option == row_->options.end() || (!is_long && word.text.size() > 2)) {
      std::vector<std::string_view> known;
      for (const StageOption& candidate : row_->options) known.push_back(candidate.name);
      const std::string near = nearest(name, known);
      return Unexpected(
          refuse(word, "is no option of it; " + (near.empty() ? "see 'mtask gen " + std::string(row_->name) + " --help'"
                                                              : "did you mean '--" + near + "'?")));
    }
    Word value = word;
    if (!option->placeholder.empty()) {
      if (equals != std::string::npos) {
        value.text = word.text.substr(equals + 1);
      } else if (i + 1 < words.size()) {
        value = words[++i];
      } else {
        return Unexpected(refuse(word, "needs a value: " + std::string(option->placeholder)));
      }
    } else if (equals != std::string::npos) {
      return Unexpected(refuse(word, "takes no value"));
    }
    if (find(option->name) != nullptr) return Unexpected(refuse(word, "is given twice"));
    given_.push_back(Given{&*option, std::move(value)});
  }
  return {};
}

Result<void> StageArguments::check_count() const {
  if (operands_.size() < row_->least) {
    return Unexpected(error_at(name_, std::string(row_->name) + ": an operand is missing: " + usage(*row_)));
  }
  if (operands_.size() > row_->most) {
    const auto sticks = [](const Word& word) {
      return word.text.size() > 1 && (word.text.front() == ':' || word.text.back() == ':');
    };
    const bool colon = std::any_of(operands_.begin(), operands_.end(), sticks);
    return Unexpected(refuse(operands_[row_->most], colon ? "is one operand too many; a ':' between stages stands alone"
                                                          : "is one operand too many: " + usage(*row_)));
  }
  return {};
}

std::string StageArguments::title() const {
  std::string text(row_->name);
  for (const Word& word : operands_) text += ' ' + one_line(word.text);
  return text;
}

const Word* StageArguments::find(std::string_view option) const {
  const auto found =
      std::find_if(given_.rbegin(), given_.rend(), [&](const Given& given) { return given.option->name == option; });
  return found == given_.rend() ? nullptr : &found->value;
}

Error StageArguments::refuse(const Word& word, const std::string& why) const {
  return error_at(word, std::string(row_->name) + ": " + quote(word.text) + " " + why);
}

std::string StageArguments::context(const std::string& what) const { return std::string(row_->name) + ": " + what; }

Result<std::int64_t> StageArguments::integer(const Word& word, std::int64_t least, std::int64_t most) const {
  auto number = parse_decimal(word.text);
  if (!number) return Unexpected(refuse(word, number.error().context));
  const auto whole = rescale(*number, 0);
  if (!whole || rescale(Decimal{*whole, 0}, number->scale) != number->units) {
    return Unexpected(refuse(word, "is not a whole number"));
  }
  if (*whole < least) return Unexpected(refuse(word, "must be at least " + std::to_string(least)));
  if (*whole > most) return Unexpected(refuse(word, "must be at most " + std::to_string(most)));
  return *whole;
}

Result<Decimal> StageArguments::decimal(const Word& word) const {
  auto number = parse_decimal(word.text);
  if (!number) return Unexpected(refuse(word, number.error().context));
  return number;
}

Result<double> StageArguments::real(const Word& word) const {
  double value = 0;
  const char* const end = word.text.data() + word.text.size();
  const char* const begin = word.text.data() + (word.text.starts_with('+') ? 1 : 0);
  const auto read = std::from_chars(begin, end, value);
  if (read.ec == std::errc::result_out_of_range) return Unexpected(refuse(word, "is out of range"));
  if (read.ec != std::errc() || read.ptr != end) return Unexpected(refuse(word, "is not a number"));
  if (!std::isfinite(value)) return Unexpected(refuse(word, "is not a finite number"));
  return value;
}

Result<std::chrono::nanoseconds> StageArguments::duration(const Word& word) const {
  // ".5s", as people write it.
  auto parsed = parse_duration(word.text.starts_with('.') ? "0" + word.text : word.text);
  if (!parsed) return Unexpected(refuse(word, "is not a duration, such as 250ms, 2s or 1m30s"));
  return parsed;
}

Result<std::optional<std::int64_t>> StageArguments::integer_option(std::string_view option, std::int64_t least) const {
  const Word* const word = find(option);
  if (word == nullptr) return std::optional<std::int64_t>();
  auto number = integer(*word, least);
  if (!number) return Unexpected(std::move(number).error());
  return std::optional(*number);
}

Result<std::uint64_t> StageArguments::seed() const {
  const Word* const word = find("seed");
  if (word == nullptr) return system_seed();
  auto number = integer(*word, std::numeric_limits<std::int64_t>::min());
  if (!number) return Unexpected(std::move(number).error());
  return static_cast<std::uint64_t>(*number);
}

Result<StreamPtr> StageArguments::take_finite_upstream() {
  const auto view = upstream_->indexed();
  if (!view || view->size()) return take_upstream();
  return Unexpected(
      error_at(name_, name_.text + ": what comes before it has no end, or more values than can be counted in 63 bits"));
}

Result<void> StageArguments::take_standard_input(const Word& word) const {
  if (!std::exchange(runtime_->standard_input_taken, true)) return {};
  return Unexpected(refuse(word, "cannot be read twice: standard input goes to one stage"));
}

Result<StreamPtr> StageArguments::stream(const Word& word, As as) const {
  StageNode single{word, {}};
  single.name.line = std::make_shared<const std::string>(word.text);
  single.name.at = 0;
  single.name.length = word.text.size();
  const bool literal = as == As::kList && word.text.find('|') == std::string::npos;
  if (find_stage(word.text) == nullptr && expand_shorthand(single)) {
    const bool words_with_blanks = single.name.text == "words" && word.text.find_first_of(" |") != std::string::npos;
    if (!words_with_blanks) return build({single}, *runtime_);
  }
  auto pipeline = parse_text(word.text);
  if (literal) {
    const bool names_stage = pipeline && find_stage(pipeline->front().name.text) != nullptr;
    StageNode first = pipeline ? pipeline->front() : single;
    if (!names_stage && !single.words.empty()) return build({single}, *runtime_);
    if (!names_stage && !(pipeline && pipeline->size() > 1 && expand_shorthand(first))) {
      StageNode list{word, {word, word}};
      list.name.text = "words";
      list.words.front().text = "--";
      return build({list}, *runtime_);
    }
  }
  if (!pipeline) return Unexpected(std::move(pipeline).error());
  return build(*pipeline, *runtime_);
}

Result<std::vector<StreamPtr>> StageArguments::streams(As as, std::size_t from) {
  std::vector<StreamPtr> streams;
  if (upstream_) streams.push_back(std::move(upstream_));
  for (std::size_t i = from; i < operands_.size(); ++i) {
    auto made = stream(operands_[i], as);
    if (!made) return Unexpected(std::move(made).error());
    streams.push_back(std::move(*made));
  }
  return streams;
}

std::vector<std::string> StageArguments::stream_titles(std::size_t from) const {
  std::vector<std::string> titles;
  if (row_->place == StageRow::Place::kEither && has_upstream()) titles.emplace_back("upstream");
  for (std::size_t i = from; i < operands_.size(); ++i) titles.push_back(one_line(operands_[i].text));
  return titles;
}

}  // namespace mtask::gen
