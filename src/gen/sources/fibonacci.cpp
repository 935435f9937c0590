#include "gen/sources/fibonacci.hpp"

#include <gmp.h>

#include <array>
#include <memory>
#include <string>

#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

constexpr std::uint64_t kLastIn64Bits = 92;
// What comes after would need gigabytes, and GMP ends the process when it gets none.
constexpr std::uint64_t kLast = UINT32_MAX;
constexpr std::size_t kTextBytes = 64 * 1024;  // of a batch, as far as a number is not longer

constexpr std::array<std::int64_t, kLastIn64Bits + 1> kSmall = [] {
  std::array<std::int64_t, kLastIn64Bits + 1> numbers{0, 1};
  for (std::size_t i = 2; i < numbers.size(); ++i) numbers[i] = numbers[i - 1] + numbers[i - 2];
  return numbers;
}();

// A number and the one before it.
class Pair {
 public:
  Pair() {
    mpz_init(number_);
    mpz_init(before_);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    mpz_clear(number_);
    mpz_clear(before_);
  }

  void go_to(std::uint64_t index) { mpz_fib2_ui(number_, before_, static_cast<unsigned long>(index)); }
  void go_on() {
    mpz_add(before_, before_, number_);
    mpz_swap(before_, number_);
  }
  std::string_view text() {
    const std::size_t room = mpz_sizeinbase(number_, 10) + 2;
    if (text_.size() < room) text_.resize(room * 2);
    return mpz_get_str(text_.data(), 10, number_);
  }

 private:
  mpz_t number_;
  mpz_t before_;
  std::string text_;
};

}  // namespace

Result<void> Fibonacci::read(std::span<const std::uint64_t> indices, Batch& out) const {
  if (indices[0] <= kLastIn64Bits) {
    std::vector<std::int64_t>& numbers = out.start_exact(0);
    for (const std::uint64_t index : indices) {
      if (index > kLastIn64Bits) break;
      numbers.push_back(kSmall[static_cast<std::size_t>(index)]);
    }
    return {};
  }
  out.start_rows();
  Pair pair;
  std::uint64_t next = 0;  // 0: none, as 0 is no index here but the first
  std::size_t bytes = 0;
  for (const std::uint64_t index : indices) {
    if (bytes >= kTextBytes) break;
    if (index > kLast) {
      if (!out.empty()) break;
      return Unexpected(
          Error{ErrorKind::kItem, {}, "fib: the number after " + std::to_string(kLast) + " is too large"});
    }
    if (index == next) {
      pair.go_on();
    } else {
      pair.go_to(index);
    }
    next = index + 1;
    const std::string_view text = pair.text();
    out.add_text(text, true);
    bytes += text.size();
  }
  return {};
}

Result<StreamPtr> make_fib(StageArguments& arguments) {
  std::optional<std::uint64_t> count;
  if (!arguments.operands().empty()) {
    auto read = arguments.integer(arguments.operands()[0], 0);
    if (!read) return Unexpected(std::move(read).error());
    count = static_cast<std::uint64_t>(*read);
  }
  return StreamPtr(std::make_unique<IndexedStream>(IndexedView(std::make_shared<const Fibonacci>(count))));
}

}  // namespace mtask::gen
