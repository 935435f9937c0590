// Combinations and subsets by number: the combinatorial number system.

#include <algorithm>
#include <limits>
#include <numeric>

#include "gen/sources/arrangements.hpp"

namespace mtask::gen {
namespace {

constexpr std::uint64_t kMostRows = std::numeric_limits<std::int64_t>::max();
constexpr Wide kMany = ~Wide{0};

// n over k; kMany where it is beyond 128 bits.
Wide binomial(std::uint64_t n, std::uint64_t k) {
  if (k > n) return 0;
  k = std::min(k, n - k);
  Wide result = 1;
  for (std::uint64_t i = 1; i <= k; ++i) {
    const Wide factor = n - k + i;
    if (result > kMany / factor) return kMany;
    result = result * factor / i;
  }
  return result;
}

// The greatest step s, so that combinations of `length` of `count` positions whose first is below s are `index` at
// most; these are taken from `index`. None of the numbers is kMany, as those whose first is 0 are `index` at most.
std::uint64_t first_position(std::uint64_t count, std::uint64_t length, std::uint64_t& index) {
  const Wide all = binomial(count, length);
  std::uint64_t low = 0;
  std::uint64_t high = count - length;
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    if (all - binomial(count - middle, length) <= index) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  index -= static_cast<std::uint64_t>(all - binomial(count - low, length));
  return low;
}

// For long lists: a binary search for each position.
void search_combination(std::uint64_t count, std::uint64_t length, std::uint64_t index, Positions& positions) {
  std::uint64_t start = 0;
  for (std::uint64_t left = length; left > 0; --left) {
    const bool is_first = binomial(count - start - 1, left - 1) > index;
    if (!is_first) start += first_position(count - start, left, index);
    positions.push_back(start++);
  }
}

// For short ones: from position to position, each number of combinations from the one before.
void walk_to_combination(std::uint64_t count, std::uint64_t length, std::uint64_t index, Wide block,
                         Positions& positions) {
  // `block`: how many begin at `at`.
  std::uint64_t left = length;
  for (std::uint64_t at = 0; left > 0; ++at) {
    const std::uint64_t after = count - at - 1;
    if (index < block) {
      positions.push_back(at);
      --left;
      if (after > 0) block = block * left / after;
    } else {
      index -= static_cast<std::uint64_t>(block);
      block = block * (after - (left - 1)) / after;
    }
  }
}

void place_combination(std::uint64_t count, std::uint64_t length, std::uint64_t index, Positions& positions) {
  constexpr std::uint64_t kShort = 4096;
  constexpr Wide kSafe = Wide{1} << 100U;  // times kShort fits
  positions.clear();
  if (length == 0) return;
  const Wide block = binomial(count - 1, length - 1);
  if (count <= kShort && block < kSafe) {
    walk_to_combination(count, length, index, block, positions);
  } else {
    search_combination(count, length, index, positions);
  }
}

// False: it was the last.
bool advance_combination(std::uint64_t count, Positions& positions) {
  const std::size_t length = positions.size();
  for (std::size_t i = length; i-- > 0;) {
    if (positions[i] == count - (length - i)) continue;
    ++positions[i];
    std::iota(positions.begin() + static_cast<std::ptrdiff_t>(i) + 1, positions.end(), positions[i] + 1);
    return true;
  }
  return false;
}

}  // namespace

// A combination with repetitions a <= b <= c … is one without, a < b + 1 < c + 2 …, of a longer list.
Combinations::Combinations(Column list, std::uint64_t length, bool repeated)
    : Arrangements({std::move(list)}), count_(columns()[0].size().value()), length_(length), repeated_(repeated) {
  if (repeated_ && count_ > 0 && length_ > 0) count_ += length_ - 1;
  const Wide rows = binomial(count_, length_);
  set_size(rows <= kMostRows ? std::optional(static_cast<std::uint64_t>(rows)) : std::nullopt);
}

void Combinations::place(std::uint64_t index, Positions& positions) const {
  place_combination(count_, length_, index, positions);
  if (!repeated_) return;
  for (std::size_t i = 0; i < positions.size(); ++i) positions[i] -= i;
}

void Combinations::advance(Positions& positions) const {
  if (!repeated_) {
    advance_combination(count_, positions);
    return;
  }
  for (std::size_t i = positions.size(); i-- > 0;) {
    if (positions[i] == count_ - length_) continue;
    std::fill(positions.begin() + static_cast<std::ptrdiff_t>(i), positions.end(), positions[i] + 1);
    return;
  }
}

Powerset::Powerset(Column list) : Arrangements({std::move(list)}), count_(columns()[0].size().value()) {
  set_size(count_ < 63 ? std::optional(std::uint64_t{1} << count_) : std::nullopt);
}

void Powerset::place(std::uint64_t index, Positions& positions) const {
  std::uint64_t length = 0;
  for (Wide sets = 1; sets <= index; ++length) {
    index -= static_cast<std::uint64_t>(sets);
    sets = sets * (count_ - length) / (length + 1);
  }
  place_combination(count_, length, index, positions);
}

void Powerset::advance(Positions& positions) const {
  if (advance_combination(count_, positions)) return;
  positions.resize(positions.size() + 1);
  std::iota(positions.begin(), positions.end(), std::uint64_t{0});
}

}  // namespace mtask::gen
