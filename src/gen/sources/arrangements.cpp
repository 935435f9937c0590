#include "gen/sources/arrangements.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace mtask::gen {
namespace {

constexpr std::uint64_t kMostRows = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kTextBytes = 256 * 1024;  // of a batch, as far as a row is not longer

// Nothing: 2^63 and more.
std::optional<std::uint64_t> times(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  if (a == std::uint64_t{0} || b == std::uint64_t{0}) return 0;
  std::uint64_t product = 0;
  if (!a || !b || __builtin_mul_overflow(*a, *b, &product) || product > kMostRows) return std::nullopt;
  return product;
}

}  // namespace

Result<void> Arrangements::read(std::span<const std::uint64_t> indices, Batch& out) const {
  out.start_rows();
  Batch scratch;
  Positions positions;
  for (std::size_t i = 0; i < indices.size() && out.text_bytes() < kTextBytes; ++i) {
    if (i > 0 && indices[i] == indices[i - 1] + 1) {
      advance(positions);
    } else {
      place(indices[i], positions);
    }
    for (std::size_t place = 0; place < positions.size(); ++place) {
      const Column& column = columns_[columns_.size() == 1 ? 0 : place];
      if (auto added = column.add_to(out, positions[place], scratch); !added) {
        out.slice(0, out.size());  // without the row begun
        return out.empty() ? added : Result<void>();
      }
    }
    out.end_row();
  }
  return {};
}

Product::Product(std::vector<Column> lists) : Arrangements(std::move(lists)), rows_after_(columns().size()) {
  std::optional<std::uint64_t> rows = 1;
  for (std::size_t i = columns().size(); i-- > 0;) {
    rows_after_[i] = rows;
    rows = times(rows, columns()[i].size());
  }
  set_size(rows);
}

void Product::place(std::uint64_t index, Positions& positions) const {
  positions.resize(columns().size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto after = rows_after_[i];
    positions[i] = after ? index / *after : 0;
    if (after) index %= *after;
  }
}

void Product::advance(Positions& positions) const {
  for (std::size_t i = positions.size(); i-- > 0;) {
    if (++positions[i] != columns()[i].size()) return;
    positions[i] = 0;
  }
}

Permutations::Permutations(Column list, std::uint64_t length)
    : Arrangements({std::move(list)}), count_(columns()[0].size().value()), length_(length) {
  if (length_ > count_) {
    set_size(0);
    return;
  }
  rows_after_.resize(static_cast<std::size_t>(length_));
  std::optional<std::uint64_t> rows = 1;
  for (std::size_t i = rows_after_.size(); i-- > 0;) {
    rows_after_[i] = rows;
    rows = times(rows, count_ - i);
  }
  set_size(rows);
}

void Permutations::place(std::uint64_t index, Positions& positions) const {
  positions.clear();
  Positions used;  // without those of the start, which are 0, 1, …; rising
  std::uint64_t start = 0;
  for (const auto after : rows_after_) {
    std::uint64_t position = after ? index / *after : 0;  // among those that are left
    if (after) index %= *after;
    if (position == 0 && used.empty()) {
      positions.push_back(start++);
      continue;
    }
    position += start;
    auto at = used.begin();
    for (; at != used.end() && *at <= position; ++at) ++position;
    used.insert(at, position);
    positions.push_back(position);
  }
}

void Permutations::advance(Positions& positions) const {
  if (length_ == count_) {
    std::next_permutation(positions.begin(), positions.end());
    return;
  }
  for (std::size_t i = positions.size(); i-- > 0;) {
    const auto end = positions.begin() + static_cast<std::ptrdiff_t>(i);
    std::uint64_t next = positions[i] + 1;
    while (next < count_ && std::find(positions.begin(), end, next) != end) ++next;
    if (next == count_) continue;
    positions[i] = next;
    if (i + 1 == positions.size()) return;
    // The rest are the least that are left.
    Positions used(positions.begin(), end + 1);
    std::sort(used.begin(), used.end());
    auto taken = used.begin();
    std::uint64_t free = 0;
    for (std::size_t rest = i + 1; rest < positions.size(); ++rest, ++free) {
      for (; taken != used.end() && *taken == free; ++taken) ++free;
      positions[rest] = free;
    }
    return;
  }
}

}  // namespace mtask::gen
