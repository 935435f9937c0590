// chain: one stream after the other.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gen/combinators/inputs.hpp"
#include "gen/combinators/make.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

class Chain final : public Stream {
 public:
  Chain(std::vector<StreamPtr> streams, std::vector<std::string> titles, const Runtime& runtime)
      : streams_(std::move(streams)),
        titles_(std::move(titles)),
        runtime_(runtime),
        live_(std::any_of(streams_.begin(), streams_.end(), [](const StreamPtr& one) { return one->live(); })) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    for (;;) {
      Result<void> pulled = co_await streams_[at_]->pull(out, want);
      if (pulled && !out.empty()) co_return pulled;
      if (!pulled && !runtime_.keep_going) co_return pulled;
      if (!pulled && runtime_.report) runtime_.report(pulled.error());
      out.clear();
      if (at_ + 1 == streams_.size()) co_return Result<void>();
      co_await streams_[at_]->close();
      if (runtime_.trace) runtime_.trace("chain", titles_[at_], titles_[at_ + 1]);
      ++at_;
    }
  }

  [[nodiscard]] task<void> close() override { return close_all(streams_); }
  [[nodiscard]] bool live() const override { return live_; }
  [[nodiscard]] std::string returned() const override { return streams_[at_]->returned(); }

 private:
  std::vector<StreamPtr> streams_;
  std::vector<std::string> titles_;
  const Runtime& runtime_;
  bool live_;  // asked once: chains of chains would ask each other again and again
  std::size_t at_ = 0;
};

}  // namespace

Result<StreamPtr> make_chain(StageArguments& arguments) {
  std::vector<std::string> titles = arguments.stream_titles();
  auto streams = arguments.streams(StageArguments::As::kStream);
  if (!streams) return Unexpected(std::move(streams).error());
  return StreamPtr(std::make_unique<Chain>(*std::move(streams), std::move(titles), arguments.runtime()));
}

}  // namespace mtask::gen
