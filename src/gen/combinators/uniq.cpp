// uniq: by what was there before.

#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/units.hpp"
#include "gen/combinators/make.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

// A value's bytes, which no other value has.
std::string identity(const Batch& batch, std::size_t index) {
  std::string text;
  for (std::size_t field = 0; field < batch.field_count(index); ++field) {
    std::string part;
    batch.append_field(index, field, part);
    text += std::to_string(part.size()) + ':' + part;
  }
  return text;
}

// As uniq(1): of equal values after each other one, with their number where it is asked for.
class UniqNeighbours final : public Combinator {
 public:
  UniqNeighbours(StreamPtr upstream, bool counts) : Combinator(std::move(upstream)), counts_(counts) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    while (out.empty()) {
      if (pending_) co_return Unexpected(std::move(*pending_));
      if (ended_) break;
      Result<void> pulled = co_await upstream().pull(fresh_, want);
      ended_ = !pulled || fresh_.empty();
      if (!pulled) pending_ = std::move(pulled).error();
      for (std::size_t i = 0; !ended_ && i < fresh_.size(); ++i) take(i, out);
      if (out.empty() && !ended_) co_await yield();  // so that a signal is seen
      if (ended_ && counts_ && count_ > 0) hand_out(out);
    }
    co_return Result<void>();
  }

 private:
  void take(std::size_t index, Batch& out) {
    std::string id = identity(fresh_, index);
    if (count_ > 0 && id == last_id_) {
      ++count_;
      return;
    }
    if (counts_ && count_ > 0) hand_out(out);
    last_id_ = std::move(id);
    count_ = 1;
    last_.clear();
    last_.append(fresh_, index);
    if (!counts_) out.append(fresh_, index);
  }
  // With counts a value is known when the next one has come.
  void hand_out(Batch& out) {
    out.to_rows();
    out.add_field(std::to_string(count_), true);
    out.add_fields(last_, 0);
    out.end_row();
    count_ = 0;
  }

  bool counts_;
  Batch fresh_;
  Batch last_;
  std::string last_id_;
  std::uint64_t count_ = 0;
  bool ended_ = false;
  std::optional<Error> pending_;
};

// Each value once, however far apart. Remembers all, up to the limit.
class UniqAll final : public BatchCombinator {
 public:
  UniqAll(StreamPtr upstream, std::uint64_t memory) : BatchCombinator(std::move(upstream)), memory_(memory) {}

 private:
  Result<void> map(Batch& batch) override {
    chosen_.clear();
    Result<void> kept;
    for (std::size_t i = 0; i < batch.size() && kept; ++i) {
      std::string id = identity(batch, i);
      const std::size_t size = id.size();
      if (!seen_.insert(std::move(id)).second) continue;
      chosen_.push_back(static_cast<std::uint32_t>(i));
      held_ += size + kOverhead;
      if (held_ > memory_) {
        kept = Unexpected(Error{
            ErrorKind::kItem,
            {},
            "uniq: the distinct values need more than " + format_size(memory_) + "; see --memory, or sort them first"});
      }
    }
    batch.select(chosen_);
    return kept;
  }

  static constexpr std::size_t kOverhead = 64;  // of an entry of the set
  std::uint64_t memory_;
  std::uint64_t held_ = 0;
  std::unordered_set<std::string> seen_;
  std::vector<std::uint32_t> chosen_;
};

}  // namespace

Result<StreamPtr> make_uniq(StageArguments& arguments) {
  if (!arguments.has("all")) {
    return StreamPtr(std::make_unique<UniqNeighbours>(arguments.take_upstream(), arguments.has("count")));
  }
  if (const Word* const word = arguments.find("count"))
    return Unexpected(arguments.refuse(*word, "goes without --all only"));
  return StreamPtr(std::make_unique<UniqAll>(arguments.take_upstream(), arguments.runtime().memory));
}

}  // namespace mtask::gen
