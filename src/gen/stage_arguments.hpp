#pragma once
// The words of one stage, sorted into options and operands and read as what the stage takes them for. Every refusal
// points at its word.

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gen/number.hpp"
#include "gen/runtime.hpp"
#include "gen/stage_table.hpp"
#include "gen/stream.hpp"
#include "gen/syntax/tree.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

class StageArguments {
 public:
  // Checks the options' names and the number of operands.
  [[nodiscard]] static Result<StageArguments> read(const StageRow& row, const StageNode& node, StreamPtr upstream,
                                                   Runtime& runtime);

  [[nodiscard]] Runtime& runtime() const noexcept { return *runtime_; }
  [[nodiscard]] bool has_upstream() const noexcept { return upstream_ != nullptr; }
  [[nodiscard]] StreamPtr take_upstream() noexcept { return std::move(upstream_); }
  // For a stage that needs all of it: refuses what is known to have no end.
  [[nodiscard]] Result<StreamPtr> take_finite_upstream();
  [[nodiscard]] const Stream* upstream() const noexcept { return upstream_.get(); }

  [[nodiscard]] const std::vector<Word>& operands() const noexcept { return operands_; }
  [[nodiscard]] const Word& name() const noexcept { return name_; }
  [[nodiscard]] std::string title() const;  // the stage as written, for people: "tick .5s --count 3"
  [[nodiscard]] bool has(std::string_view option) const { return find(option) != nullptr; }
  [[nodiscard]] const Word* find(std::string_view option) const;  // the value of an option; of a switch, its name

  // The word as something; a refusal says "STAGE: 'WORD' …" with a caret.
  [[nodiscard]] Error refuse(const Word& word, const std::string& why) const;
  // "take: …", without a caret: for what happens later.
  [[nodiscard]] std::string context(const std::string& what) const;
  [[nodiscard]] Result<std::int64_t> integer(const Word& word, std::int64_t least,
                                             std::int64_t most = std::numeric_limits<std::int64_t>::max()) const;
  [[nodiscard]] Result<Decimal> decimal(const Word& word) const;
  [[nodiscard]] Result<double> real(const Word& word) const;  // finite
  [[nodiscard]] Result<std::chrono::nanoseconds> duration(const Word& word) const;
  // Of an option that may be missing.
  [[nodiscard]] Result<std::optional<std::int64_t>> integer_option(std::string_view option, std::int64_t least) const;
  // --seed; without it one from the system.
  [[nodiscard]] Result<std::uint64_t> seed() const;

  // The stage reads standard input, which `word` names; only one of a pipeline can.
  [[nodiscard]] Result<void> take_standard_input(const Word& word) const;

  // An operand as a stream.
  enum class As : std::uint8_t {
    kStream,  // a shorthand, or a pipeline whose first word names a source
    kList,    // also any other text: a list of one
  };
  [[nodiscard]] Result<StreamPtr> stream(const Word& word, As as) const;
  // What the stage stands after, if it does, and its operands from number `from` on.
  [[nodiscard]] Result<std::vector<StreamPtr>> streams(As as, std::size_t from = 0);
  // Their names, in the same order, for people.
  [[nodiscard]] std::vector<std::string> stream_titles(std::size_t from = 0) const;

 private:
  StageArguments() = default;
  struct Given {
    const StageOption* option;
    Word value;
  };
  Result<void> sort(const std::vector<Word>& words);
  Result<void> check_count() const;

  const StageRow* row_ = nullptr;
  Word name_;
  StreamPtr upstream_;
  Runtime* runtime_ = nullptr;
  std::vector<Word> operands_;
  std::vector<Given> given_;
};

}  // namespace mtask::gen
