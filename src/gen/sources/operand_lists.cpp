#include "gen/sources/operand_lists.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "gen/sources/list.hpp"

namespace mtask::gen {
namespace {

class ListsStream final : public Stream {
 public:
  ListsStream(std::vector<StreamPtr> lists, std::vector<ListBuilder> builders, Arrange arrange)
      : lists_(std::move(lists)), builders_(std::move(builders)), arrange_(std::move(arrange)) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    if (!arranged_) {
      Result<void> read = co_await read_lists(out);
      if (!read) {
        out.clear();
        co_return read;
      }
    }
    co_return co_await arranged_->pull(out, want);
  }

  [[nodiscard]] task<void> close() override {
    for (const StreamPtr& list : lists_) co_await list->close();
  }

  [[nodiscard]] bool live() const override {
    return std::any_of(lists_.begin(), lists_.end(), [](const StreamPtr& list) { return list->live(); });
  }

 private:
  task<Result<void>> read_lists(Batch& some) {
    std::vector<IndexedView> views;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      if (const auto view = lists_[i]->indexed()) {
        views.push_back(*view);
        continue;
      }
      for (;;) {
        Result<void> pulled = co_await lists_[i]->pull(some, kBatchValues);
        if (pulled && !some.empty()) pulled = builders_[i].add(some);
        if (!pulled) co_return pulled;
        if (some.empty()) break;
      }
      views.push_back(builders_[i].finish());
    }
    arranged_ = std::make_unique<IndexedStream>(IndexedView(arrange_(std::move(views))));
    co_return Result<void>();
  }

  std::vector<StreamPtr> lists_;
  std::vector<ListBuilder> builders_;  // one a list
  Arrange arrange_;
  StreamPtr arranged_;
};

}  // namespace

ListBuilder::ListBuilder(std::string name, const Runtime& runtime) : name_(std::move(name)), most_(runtime.memory) {}

Result<void> ListBuilder::add(const Batch& values) {
  constexpr std::size_t kBytesAValue = 16;
  bytes_ += values.size() * kBytesAValue + (values.numeric() ? 0 : values.text_bytes());
  if (bytes_ > most_) {
    return Unexpected(Error{ErrorKind::kItem, {}, name_ + " is needed whole and does not fit in --memory"});
  }
  for (std::size_t i = 0; i < values.size(); ++i) values_.append(values, i);
  return {};
}

IndexedView ListBuilder::finish() { return IndexedView(std::make_shared<const List>(std::move(values_))); }

Result<StreamPtr> arrange_lists(StageArguments& arguments, std::size_t from, std::size_t to, bool finite,
                                Arrange arrange) {
  std::vector<StreamPtr> lists;
  std::vector<ListBuilder> builders;
  std::vector<IndexedView> views;
  for (std::size_t i = from; i < to; ++i) {
    const Word& word = arguments.operands()[i];
    auto list = arguments.stream(word, StageArguments::As::kList);
    if (!list) return Unexpected(std::move(list).error());
    if (const auto view = (*list)->indexed()) {
      if (finite && !view->size()) return Unexpected(arguments.refuse(word, "has no end"));
      views.push_back(*view);
    }
    builders.emplace_back(arguments.context(quote(word.text)), arguments.runtime());
    lists.push_back(std::move(*list));
  }
  if (views.size() == lists.size()) {
    return StreamPtr(std::make_unique<IndexedStream>(IndexedView(arrange(std::move(views)))));
  }
  return StreamPtr(std::make_unique<ListsStream>(std::move(lists), std::move(builders), std::move(arrange)));
}

}  // namespace mtask::gen
