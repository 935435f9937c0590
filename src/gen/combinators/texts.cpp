// format, label, enumerate: what is written around values.

#include <utility>

#include "gen/combinators/make.hpp"
#include "gen/stage_arguments.hpp"
#include "gen/value_format.hpp"

namespace mtask::gen {
namespace {

class FormatStage final : public BatchCombinator {
 public:
  FormatStage(StreamPtr upstream, ValueFormat format, const Runtime& runtime)
      : BatchCombinator(std::move(upstream)), format_(std::move(format)), runtime_(runtime) {}

 private:
  Result<void> map(Batch& batch) override {
    made_.start_rows();
    Result<void> formatted;
    for (std::size_t i = 0; i < batch.size() && formatted; ++i, ++number_) {
      text_.clear();
      formatted = format_.append(batch, i, number_, runtime_.field_separator, text_);
      if (formatted) made_.add_text(text_);
    }
    std::swap(batch, made_);
    if (!formatted) formatted.error().context = "format: " + formatted.error().context;
    return formatted;
  }

  ValueFormat format_;
  const Runtime& runtime_;
  std::uint64_t number_ = 0;
  std::string text_;
  Batch made_;
};

// Puts a field before each value: a text, or its number.
class Prefix final : public BatchCombinator {
 public:
  Prefix(StreamPtr upstream, std::string label) : BatchCombinator(std::move(upstream)), label_(std::move(label)) {}
  Prefix(StreamPtr upstream, std::int64_t start)
      : BatchCombinator(std::move(upstream)), counts_(true), number_(start) {}

 private:
  Result<void> map(Batch& batch) override {
    made_.start_rows();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (counts_) {
        made_.add_field(std::to_string(number_), true);
        number_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(number_) + 1);
      } else {
        made_.add_field(label_, false);
      }
      made_.add_fields(batch, i);
      made_.end_row();
    }
    std::swap(batch, made_);
    return {};
  }

  std::string label_;
  bool counts_ = false;
  std::int64_t number_ = 0;
  Batch made_;
};

}  // namespace

Result<StreamPtr> make_format(StageArguments& arguments) {
  const Word& word = arguments.operands()[0];
  auto format = ValueFormat::parse_either(word.text);
  if (!format) return Unexpected(arguments.refuse(word, format.error().context));
  return StreamPtr(std::make_unique<FormatStage>(arguments.take_upstream(), std::move(*format), arguments.runtime()));
}

Result<StreamPtr> make_label(StageArguments& arguments) {
  return StreamPtr(std::make_unique<Prefix>(arguments.take_upstream(), arguments.operands()[0].text));
}

Result<StreamPtr> make_enumerate(StageArguments& arguments) {
  auto start = arguments.integer_option("start", std::numeric_limits<std::int64_t>::min());
  if (!start) return Unexpected(std::move(start).error());
  return StreamPtr(std::make_unique<Prefix>(arguments.take_upstream(), start->value_or(0)));
}

}  // namespace mtask::gen
