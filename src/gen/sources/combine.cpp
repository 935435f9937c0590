// product, perms, combs, powerset.

#include <limits>
#include <utility>
#include <vector>

#include "gen/sources/arrangements.hpp"
#include "gen/sources/make.hpp"
#include "gen/sources/operand_lists.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

// No row is longer, nor is there memory for one.
constexpr std::int64_t kMostChosen = std::numeric_limits<std::int32_t>::max();

std::shared_ptr<const Indexed> product(std::vector<IndexedView> lists) {
  std::vector<Column> columns;
  for (IndexedView& list : lists) columns.emplace_back(std::move(list));
  return std::make_shared<const Product>(std::move(columns));
}

}  // namespace

Result<StreamPtr> make_product(StageArguments& arguments) {
  return arrange_lists(arguments, 0, arguments.operands().size(), false, product);
}

Result<StreamPtr> make_perms(StageArguments& arguments) {
  std::optional<std::uint64_t> length;
  if (arguments.operands().size() > 1) {
    auto read = arguments.integer(arguments.operands()[1], 0, kMostChosen);
    if (!read) return Unexpected(std::move(read).error());
    length = static_cast<std::uint64_t>(*read);
  }
  return arrange_lists(arguments, 0, 1, true, [length](std::vector<IndexedView> lists) {
    Column list(std::move(lists[0]));
    const std::uint64_t all = list.size().value();
    return std::make_shared<const Permutations>(std::move(list), length.value_or(all));
  });
}

Result<StreamPtr> make_combs(StageArguments& arguments) {
  auto length = arguments.integer(arguments.operands()[1], 0, kMostChosen);
  if (!length) return Unexpected(std::move(length).error());
  const auto chosen = static_cast<std::uint64_t>(*length);
  const bool repeated = arguments.has("replace");
  return arrange_lists(arguments, 0, 1, true, [chosen, repeated](std::vector<IndexedView> lists) {
    return std::make_shared<const Combinations>(Column(std::move(lists[0])), chosen, repeated);
  });
}

Result<StreamPtr> make_powerset(StageArguments& arguments) {
  return arrange_lists(arguments, 0, 1, true, [](std::vector<IndexedView> lists) {
    return std::make_shared<const Powerset>(Column(std::move(lists[0])));
  });
}

}  // namespace mtask::gen
