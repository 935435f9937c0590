#include "gen/totals.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "gen/number.hpp"

namespace mtask::gen {
namespace {

bool read_real(std::string_view text, double& value) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

int sign_of(bool less, bool greater) { return less ? -1 : (greater ? 1 : 0); }

// The digits of plain numbers of any length, by size.
int compare_plain(std::string_view a, std::string_view b) {
  const bool a_negative = a.starts_with('-');
  const bool b_negative = b.starts_with('-');
  if (a_negative != b_negative) return a_negative ? -1 : 1;
  if (a_negative) return compare_plain(b.substr(1), a.substr(1));
  const std::size_t a_point = std::min(a.find('.'), a.size());
  const std::size_t b_point = std::min(b.find('.'), b.size());
  if (a_point != b_point) return a_point < b_point ? -1 : 1;
  if (const int whole = a.substr(0, a_point).compare(b.substr(0, b_point)); whole != 0) return whole;
  // Digits after the point: missing ones are zeros.
  for (std::size_t i = a_point + 1; i < std::max(a.size(), b.size()); ++i) {
    const char of_a = i < a.size() ? a[i] : '0';
    const char of_b = i < b.size() ? b[i] : '0';
    if (of_a != of_b) return of_a < of_b ? -1 : 1;
  }
  return 0;
}

}  // namespace

int compare_texts(std::string_view a, std::string_view b) {
  if (is_plain_number(a) && is_plain_number(b)) return compare_plain(a, b);
  double left = 0;
  double right = 0;
  const bool a_number = read_real(a, left) && !std::isnan(left);
  const bool b_number = read_real(b, right) && !std::isnan(right);
  if (a_number && b_number) return sign_of(left<right, left> right);
  if (a_number != b_number) return a_number ? -1 : 1;
  const int order = a.compare(b);
  return sign_of(order<0, order> 0);
}

int compare_values(const Batch& a, std::size_t i, const Batch& b, std::size_t j) {
  const auto exact = [](const Batch& batch) {
    return batch.kind() == Batch::Kind::kExact || batch.kind() == Batch::Kind::kProgression;
  };
  if (exact(a) && exact(b) && a.scale() == b.scale()) {
    return sign_of(a.exact_at(i) < b.exact_at(j), a.exact_at(i) > b.exact_at(j));
  }
  const auto is_real = [](const Batch& batch, std::size_t at) {
    return batch.kind() == Batch::Kind::kReals && !std::isnan(batch.reals()[at]);  // nan is a text, after all numbers
  };
  if (is_real(a, i) && is_real(b, j)) {
    return sign_of(a.reals()[i]<b.reals()[j], a.reals()[i]> b.reals()[j]);
  }
  const std::size_t fields = std::min(a.field_count(i), b.field_count(j));
  std::string left;
  std::string right;
  for (std::size_t field = 0; field < fields; ++field) {
    left.clear();
    right.clear();
    a.append_field(i, field, left);
    b.append_field(j, field, right);
    if (const int order = compare_texts(left, right); order != 0) return order;
  }
  return sign_of(a.field_count(i) < b.field_count(j), a.field_count(i) > b.field_count(j));
}

bool Total::add_units(Int128 value, unsigned scale) {
  while (scale_ < scale) {
    if (__builtin_mul_overflow(units_, static_cast<Int128>(10), &units_)) return false;
    ++scale_;
  }
  for (unsigned i = scale; i < scale_; ++i) {
    if (__builtin_mul_overflow(value, static_cast<Int128>(10), &value)) return false;
  }
  return !__builtin_add_overflow(units_, value, &units_);
}

void Total::become_real() {
  if (real_) return;
  real_ = true;
  sum_ = static_cast<double>(units_) / std::pow(10.0, scale_);
}

void Total::add_real(double value) {
  become_real();
  const double sum = sum_ + value;
  lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
  sum_ = sum;
}

Result<void> Total::add_text(std::string_view text) {
  if (const auto decimal = parse_decimal(text); decimal && !real_) {
    if (add_units(decimal->units, decimal->scale)) return {};
    return Unexpected(Error{ErrorKind::kItem, {}, "sum: the total has more than 38 digits"});
  }
  Int128 whole = 0;
  if (!real_ && is_plain_number(text) && text.find('.') == std::string_view::npos) {
    const bool negative = text.front() == '-';
    bool fits = true;
    for (const char c : text.substr(negative ? 1 : 0)) {
      fits = fits && !__builtin_mul_overflow(whole, static_cast<Int128>(10), &whole) &&
             !__builtin_sub_overflow(whole, static_cast<Int128>(c - '0'), &whole);
    }
    if (!negative) fits = fits && !__builtin_sub_overflow(static_cast<Int128>(0), whole, &whole);
    if (fits && add_units(whole, 0)) return {};
    return Unexpected(Error{ErrorKind::kItem, {}, "sum: the total has more than 38 digits"});
  }
  double real = 0;
  if (!read_real(text, real))
    return Unexpected(Error{ErrorKind::kItem, {}, "sum: " + quote(text) + " is not a number"});
  add_real(real);
  return {};
}

Result<void> Total::add(Batch& batch) {
  if (batch.kind() == Batch::Kind::kReals) {
    for (const double value : batch.reals()) add_real(value);
    return {};
  }
  if (batch.kind() == Batch::Kind::kRows) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::string text;
      batch.append_value(i, " ", text);
      if (auto added = add_text(text); !added) return added;
    }
    return {};
  }
  const unsigned scale = batch.scale();
  for (const std::int64_t units : batch.exact()) {
    if (real_) {
      add_real(to_double(units, scale));
    } else if (!add_units(units, scale)) {
      return Unexpected(Error{ErrorKind::kItem, {}, "sum: the total has more than 38 digits"});
    }
  }
  return {};
}

std::string Total::text() const {
  std::string text;
  if (real_) {
    append_real(std::isfinite(sum_) ? sum_ + lost_ : sum_, text);  // what was lost to infinity is no number
    return text;
  }
  Int128 rest = units_;
  const bool negative = rest < 0;
  do {
    const int digit = static_cast<int>(rest % 10);
    text += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    rest /= 10;
  } while (rest != 0);
  if (text.size() <= scale_) text.append(scale_ + 1 - text.size(), '0');
  if (scale_ > 0) text.insert(scale_, 1, '.');
  if (negative) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace mtask::gen
