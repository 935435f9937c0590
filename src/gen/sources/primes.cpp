// primes: by the primesieve library, a segment at a time, so that memory stays that of the primes below the root.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <primesieve.hpp>
#include <string>

#include "base/text.hpp"
#include "gen/sources/make.hpp"
#include "gen/sources/plain_source.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

constexpr auto kGreatest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

class Primes final : public PlainSource {
 public:
  // From `least` on, until `most` where there is one, `count` at most where there is one.
  Primes(std::uint64_t least, std::optional<std::uint64_t> most, std::optional<std::uint64_t> count)
      : least_(least), most_(most), left_(count.value_or(std::numeric_limits<std::uint64_t>::max())) {}

 private:
  Result<void> fill(Batch& out, std::size_t want) override {
    std::vector<std::int64_t>& numbers = out.start_exact(0);
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(want, left_));
    if (wanted == 0 || at_end_) return {};
    numbers.reserve(wanted);
    try {
      if (!begun_) sieve_.jump_to(least_, most_.value_or(kGreatest));
      while (numbers.size() < wanted && !at_end_) {
        if (!begun_ || at_ == sieve_.size_) {
          sieve_.generate_next_primes();
          at_ = 0;
          begun_ = true;
        }
        take(numbers, wanted - numbers.size());
      }
    } catch (const primesieve::primesieve_error& error) {
      return Unexpected(Error{ErrorKind::kItem, {}, std::string("primes: ") + error.what()});
    }
    left_ -= numbers.size();
    if (at_end_ && !most_) {
      return Unexpected(Error{ErrorKind::kItem, {}, "primes: the next one is beyond " + std::to_string(kGreatest)});
    }
    return {};
  }

  void take(std::vector<std::int64_t>& numbers, std::size_t wanted) {
    const std::uint64_t most = most_.value_or(kGreatest);
    const std::uint64_t* const begin = sieve_.primes_ + at_;
    const std::uint64_t* end = begin + std::min(wanted, sieve_.size_ - at_);
    at_ += static_cast<std::size_t>(end - begin);
    if (*(end - 1) > most) {
      end = std::upper_bound(begin, end, most);
      at_end_ = true;
    }
    const std::size_t before = numbers.size();
    numbers.resize(before + static_cast<std::size_t>(end - begin));
    std::transform(begin, end, numbers.begin() + static_cast<std::ptrdiff_t>(before),
                   [](std::uint64_t prime) { return static_cast<std::int64_t>(prime); });
  }

  std::uint64_t least_;
  std::optional<std::uint64_t> most_;
  std::uint64_t left_;
  primesieve::iterator sieve_;
  std::size_t at_ = 0;  // in the sieve's segment
  bool begun_ = false;
  bool at_end_ = false;
};

}  // namespace

Result<StreamPtr> make_primes(StageArguments& arguments) {
  auto least = arguments.integer_option("min", 0);
  if (!least) return Unexpected(std::move(least).error());
  auto most = arguments.integer_option("max", 0);
  if (!most) return Unexpected(std::move(most).error());
  if (*least && *most && **most < **least) {
    return Unexpected(arguments.refuse(*arguments.find("max"), "is less than --min"));
  }
  std::optional<std::uint64_t> count;
  if (!arguments.operands().empty()) {
    auto read = arguments.integer(arguments.operands()[0], 0);
    if (!read) return Unexpected(std::move(read).error());
    count = static_cast<std::uint64_t>(*read);
  }
  std::optional<std::uint64_t> end;
  if (*most) end = static_cast<std::uint64_t>(**most);
  return StreamPtr(std::make_unique<Primes>(static_cast<std::uint64_t>(least->value_or(0)), end, count));
}

}  // namespace mtask::gen
