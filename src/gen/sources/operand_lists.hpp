#pragma once
// Operands that are lists, and streams that need all of them by number.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gen/indexed.hpp"
#include "gen/stage_arguments.hpp"
#include "gen/stream.hpp"

namespace mtask::gen {

// A list of values that are read one after the other. add() fails when they need more than the run's memory.
class ListBuilder {
 public:
  ListBuilder(std::string name, const Runtime& runtime);
  [[nodiscard]] Result<void> add(const Batch& values);
  [[nodiscard]] IndexedView finish();

 private:
  std::string name_;  // "product: 'lines a'"
  std::size_t most_;
  std::size_t bytes_ = 0;
  Batch values_;
};

// What a stream makes of its lists, once all of them can be had by number.
using Arrange = std::function<std::shared_ptr<const Indexed>(std::vector<IndexedView>)>;

// The operands from number `from` to before `to` as lists, arranged. Those that can be had by number stay as they are;
// others are read at the first pull, whole. `finite`: a list without an end is refused.
[[nodiscard]] Result<StreamPtr> arrange_lists(StageArguments& arguments, std::size_t from, std::size_t to, bool finite,
                                              Arrange arrange);

}  // namespace mtask::gen
