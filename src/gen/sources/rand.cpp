// rand: random values.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/text.hpp"
#include "gen/distributions.hpp"
#include "gen/sources/make.hpp"
#include "gen/sources/plain_source.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

// What a stream draws by: fill() begins a batch of its kind and draws `count` values into it.
struct Integers {
  std::int64_t low;
  std::uint64_t bound;  // how many there are; 0: all of 64 bits
  void fill(Random& random, std::size_t count, Batch& out) const {
    std::vector<std::int64_t>& numbers = out.start_exact(0);
    numbers.resize(count);
    const auto from = static_cast<std::uint64_t>(low);
    for (std::int64_t& number : numbers) number = static_cast<std::int64_t>(from + random.below(bound));
  }
};

template <class Distribution>
struct Reals {
  Distribution distribution;
  void fill(Random& random, std::size_t count, Batch& out) {
    std::vector<double>& numbers = out.start_reals();
    numbers.resize(count);
    for (double& number : numbers) number = distribution(random);
  }
};

struct Counts {
  Poisson distribution;
  void fill(Random& random, std::size_t count, Batch& out) const {
    std::vector<std::int64_t>& numbers = out.start_exact(0);
    numbers.resize(count);
    for (std::int64_t& number : numbers) number = distribution(random);
  }
};

struct Choices {
  std::vector<std::string> words;
  WeightedChoice choice;
  void fill(Random& random, std::size_t count, Batch& out) const {
    out.start_rows();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string& word = words[choice(random)];
      out.add_text(word, is_plain_number(word));
    }
  }
};

template <class Draw>
class Drawn final : public PlainSource {
 public:
  Drawn(Draw draw, std::uint64_t seed, std::uint64_t count) : draw_(std::move(draw)), random_(seed), left_(count) {}

 private:
  // Words may be long, so that their batches stay short.
  static constexpr std::size_t kMost = std::is_same_v<Draw, Choices> ? kBatchValues : 64 * kBatchValues;

  Result<void> fill(Batch& out, std::size_t want) override {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>({want, left_, kMost}));
    if (count > 0) draw_.fill(random_, count, out);
    if (left_ != kNoEnd) left_ -= count;
    return {};
  }

  Draw draw_;
  Random random_;
  std::uint64_t left_;
};

class Maker {
 public:
  explicit Maker(StageArguments& arguments) : arguments_(arguments), kind_(arguments.operands()[0]) {}

  Result<StreamPtr> make() {
    auto count = arguments_.integer_option("count", 0);
    if (!count) return Unexpected(std::move(count).error());
    if (*count) count_ = static_cast<std::uint64_t>(**count);
    if (arguments_.has("weights") && kind_.text != "choice") {
      return Unexpected(arguments_.refuse(*arguments_.find("weights"), "are weights, which only choice has"));
    }
    for (const Row& row : kKinds) {
      if (kind_.text == row.name) return (this->*row.make)();
    }
    std::vector<std::string_view> known;
    for (const Row& row : kKinds) known.push_back(row.name);
    const std::string near = nearest(kind_.text, known);
    return Unexpected(arguments_.refuse(kind_, near.empty()
                                                   ? "is no distribution: int, real, normal, exp, poisson or choice"
                                                   : "is no distribution; did you mean '" + near + "'?"));
  }

 private:
  struct Row {
    std::string_view name;
    Result<StreamPtr> (Maker::*make)();
  };
  static const std::array<Row, 7> kKinds;

  template <class Draw>
  Result<StreamPtr> finish(Draw draw) {
    auto seed = arguments_.seed();
    if (!seed) return Unexpected(std::move(seed).error());
    return StreamPtr(std::make_unique<Drawn<Draw>>(std::move(draw), *seed, count_));
  }

  [[nodiscard]] const Word& operand(std::size_t number) const { return arguments_.operands()[number]; }

  Result<void> want(std::size_t parameters, const char* usage) const {
    const std::size_t given = arguments_.operands().size() - 1;
    if (given == parameters) return {};
    const bool more = given > parameters;
    return Unexpected(more
                          ? arguments_.refuse(operand(parameters + 1), std::string("is one operand too many: ") + usage)
                          : arguments_.refuse(kind_, std::string("needs more operands: ") + usage));
  }

  Result<StreamPtr> integers() {
    if (auto wanted = want(2, "int LOW HIGH"); !wanted) return Unexpected(std::move(wanted).error());
    auto low = arguments_.integer(operand(1), std::numeric_limits<std::int64_t>::min());
    if (!low) return Unexpected(std::move(low).error());
    auto high = arguments_.integer(operand(2), std::numeric_limits<std::int64_t>::min());
    if (!high) return Unexpected(std::move(high).error());
    if (*high < *low) return Unexpected(arguments_.refuse(operand(2), "is less than LOW"));
    return finish(Integers{*low, static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low) + 1});
  }

  Result<StreamPtr> reals() {
    if (auto wanted = want(2, "real LOW HIGH"); !wanted) return Unexpected(std::move(wanted).error());
    auto low = arguments_.real(operand(1));
    if (!low) return Unexpected(std::move(low).error());
    auto high = arguments_.real(operand(2));
    if (!high) return Unexpected(std::move(high).error());
    if (!(*low < *high)) return Unexpected(arguments_.refuse(operand(2), "is not above LOW"));
    if (!std::isfinite(*high - *low)) return Unexpected(arguments_.refuse(operand(2), "is too far from LOW"));
    return finish(Reals<UniformReal>{UniformReal(*low, *high)});
  }

  Result<StreamPtr> normal() {
    if (auto wanted = want(2, "normal MEAN SD"); !wanted) return Unexpected(std::move(wanted).error());
    auto mean = arguments_.real(operand(1));
    if (!mean) return Unexpected(std::move(mean).error());
    auto deviation = arguments_.real(operand(2));
    if (!deviation) return Unexpected(std::move(deviation).error());
    if (*deviation < 0) return Unexpected(arguments_.refuse(operand(2), "is below 0, which no deviation is"));
    return finish(Reals<Normal>{Normal(*mean, *deviation)});
  }

  Result<StreamPtr> exponential() {
    if (auto wanted = want(1, "exp RATE"); !wanted) return Unexpected(std::move(wanted).error());
    auto rate = arguments_.real(operand(1));
    if (!rate) return Unexpected(std::move(rate).error());
    if (!(*rate > 0)) return Unexpected(arguments_.refuse(operand(1), "must be above 0"));
    return finish(Reals<Exponential>{Exponential(*rate)});
  }

  Result<StreamPtr> poisson() {
    if (auto wanted = want(1, "poisson MEAN"); !wanted) return Unexpected(std::move(wanted).error());
    auto mean = arguments_.real(operand(1));
    if (!mean) return Unexpected(std::move(mean).error());
    if (*mean < 0 || *mean > Poisson::kGreatestMean) {
      return Unexpected(arguments_.refuse(operand(1), "must be from 0 to 1000000000"));
    }
    return finish(Counts{Poisson(*mean)});
  }

  Result<StreamPtr> choice() {
    Choices choices{{}, WeightedChoice({1})};
    for (std::size_t i = 1; i < arguments_.operands().size(); ++i) choices.words.push_back(operand(i).text);
    if (choices.words.empty()) return Unexpected(arguments_.refuse(kind_, "needs words to choose from"));
    auto read = weights(choices.words.size());
    if (!read) return Unexpected(std::move(read).error());
    choices.choice = WeightedChoice(*read);
    return finish(std::move(choices));
  }

  Result<std::vector<std::uint64_t>> weights(std::size_t count) const {
    const Word* const given = arguments_.find("weights");
    if (given == nullptr) return std::vector<std::uint64_t>(count, 1);
    std::vector<Decimal> numbers;
    unsigned scale = 0;
    for (std::size_t from = 0; from <= given->text.size();) {
      const std::size_t comma = std::min(given->text.find(',', from), given->text.size());
      Word weight = *given;
      weight.text = given->text.substr(from, comma - from);
      auto number = arguments_.decimal(weight);
      if (!number) return Unexpected(std::move(number).error());
      if (number->units < 0) return Unexpected(arguments_.refuse(weight, "is below 0, which no weight is"));
      scale = std::max(scale, number->scale);
      numbers.push_back(*number);
      from = comma + 1;
    }
    if (numbers.size() != count) {
      return Unexpected(arguments_.refuse(
          *given, "are " + std::to_string(numbers.size()) + " weights for " + std::to_string(count) + " words"));
    }
    std::vector<std::uint64_t> exact;
    std::int64_t sum = 0;
    for (const Decimal& number : numbers) {
      const auto units = rescale(number, scale);
      if (!units || __builtin_add_overflow(sum, *units, &sum)) {
        return Unexpected(arguments_.refuse(*given, "are weights of too many digits"));
      }
      exact.push_back(static_cast<std::uint64_t>(*units));
    }
    if (sum == 0) return Unexpected(arguments_.refuse(*given, "leave nothing to choose: all are 0"));
    return exact;
  }

  StageArguments& arguments_;
  const Word& kind_;
  std::uint64_t count_ = kNoEnd;
};

const std::array<Maker::Row, 7> Maker::kKinds{{{"int", &Maker::integers},
                                               {"real", &Maker::reals},
                                               {"normal", &Maker::normal},
                                               {"exp", &Maker::exponential},
                                               {"exponential", &Maker::exponential},
                                               {"poisson", &Maker::poisson},
                                               {"choice", &Maker::choice}}};

}  // namespace

Result<StreamPtr> make_rand(StageArguments& arguments) { return Maker(arguments).make(); }

}  // namespace mtask::gen
