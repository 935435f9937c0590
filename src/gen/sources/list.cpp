#include "gen/sources/list.hpp"

#include "gen/number.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {

Result<void> List::read(std::span<const std::uint64_t> indices, Batch& out) const {
  out.clear();
  for (const std::uint64_t index : indices) out.append(values_, static_cast<std::size_t>(index));
  return {};
}

Result<StreamPtr> make_words(StageArguments& arguments) {
  Batch words;
  words.start_rows();
  for (const Word& word : arguments.operands()) words.add_text(word.text, is_plain_number(word.text));
  return StreamPtr(std::make_unique<IndexedStream>(IndexedView(std::make_shared<const List>(std::move(words)))));
}

}  // namespace mtask::gen
