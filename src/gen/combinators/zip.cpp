// zip: the fields of all, side by side.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gen/combinators/inputs.hpp"
#include "gen/combinators/make.hpp"
#include "gen/number.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

class Zip final : public Stream {
 public:
  Zip(Inputs inputs, bool longest, std::string fill)
      : inputs_(std::move(inputs)), longest_(longest), fill_(std::move(fill)), fields_(inputs_.size(), 1) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.start_rows();
    if (inputs_.live() || inputs_.traced()) want = 1;
    inputs_.ask_all(want);
    std::size_t rows = want;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      co_await inputs_.fetch(i, want);
      Result<void> failed = inputs_.failure(i);
      if (!failed) co_return failed;
      if (!inputs_.ended(i)) {
        rows = std::min(rows, inputs_.left(i));
      } else if (!longest_) {
        co_return Result<void>();
      }
    }
    if (inputs_.open() == 0) rows = std::min(rows, last_rows());
    for (std::size_t row = 0; row < rows; ++row) add_row(out);
    co_return Result<void>();
  }

  [[nodiscard]] task<void> close() override { return inputs_.close(); }
  [[nodiscard]] bool live() const override { return inputs_.live(); }

 private:
  // How many there are when no stream will bring more.
  [[nodiscard]] std::size_t last_rows() const {
    std::size_t rows = 0;
    for (std::size_t i = 0; i < inputs_.size(); ++i) rows = std::max(rows, inputs_.left(i));
    return rows;
  }

  void add_row(Batch& out) {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_.left(i) == 0) {
        for (std::size_t field = 0; field < fields_[i]; ++field) out.add_field(fill_, is_plain_number(fill_));
        continue;
      }
      inputs_.hand_over(i);
      const Batch& batch = inputs_.batch(i);
      fields_[i] = batch.field_count(inputs_.at(i));
      out.add_fields(batch, inputs_.at(i));
      inputs_.drop(i, 1);
    }
    out.end_row();
  }

  Inputs inputs_;
  bool longest_;
  std::string fill_;
  std::vector<std::size_t> fields_;  // of the last value of each
};

}  // namespace

Result<StreamPtr> make_zip(StageArguments& arguments) {
  const Word* const fill = arguments.find("fill");
  if (fill != nullptr && !arguments.has("longest")) {
    return Unexpected(arguments.refuse(*fill, "is never needed without --longest"));
  }
  auto inputs = Inputs::read(arguments, "zip");
  if (!inputs) return Unexpected(std::move(inputs).error());
  return StreamPtr(
      std::make_unique<Zip>(*std::move(inputs), arguments.has("longest"), fill != nullptr ? fill->text : ""));
}

}  // namespace mtask::gen
