#include "pool/combination.hpp"

#include <algorithm>
#include <utility>

namespace mtask::pool {

Combination::Combination(std::vector<ValueReader> readers, const std::vector<bool>& linked, bool link)
    : readers_(std::move(readers)), link_(link && readers_.size() > 1), histories_(readers_.size()) {
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (i > 0 && linked[i]) {
      ++groups_.back().size;
    } else {
      groups_.emplace_back().first = i;
    }
  }
}

Result<Step> Combination::read(std::size_t source, std::string& value) {
  Result<Step> step = readers_[source].next(value);
  if (step && *step == Step::kWait) waiting_ = &readers_[source];
  return step;
}

Result<Step> Combination::read_tuple(Group& group, Record& tuple) {
  if (group.ended) return Step::kEnd;
  while (group.partial.size() < group.size) {
    std::string value;
    Result<Step> step = read(group.first + group.partial.size(), value);
    if (!step || *step == Step::kWait) return step;
    if (*step == Step::kEnd) {
      group.ended = true;
      if (group.begun) return Step::kEnd;
      value.clear();
    } else {
      group.empty = false;
    }
    group.partial.push_back(std::move(value));
  }
  group.begun = true;
  tuple = std::exchange(group.partial, {});
  return Step::kGot;
}

Result<Step> Combination::hold_others() {
  for (std::size_t g = 1; g < groups_.size(); ++g) {
    for (Record tuple; !groups_[g].ended;) {
      Result<Step> step = read_tuple(groups_[g], tuple);
      if (!step || *step == Step::kWait) return step;
      if (*step == Step::kGot) groups_[g].held.push_back(std::move(tuple));
    }
  }
  return Step::kGot;
}

bool Combination::all_empty() const {
  return std::all_of(groups_.begin(), groups_.end(), [](const Group& group) { return group.empty; });
}

void Combination::advance() {
  for (std::size_t g = groups_.size() - 1; g > 0; --g) {
    if (++groups_[g].index < groups_[g].held.size()) return;
    groups_[g].index = 0;
  }
  outer_wanted_ = true;
}

Result<Step> Combination::next(Record& record) {
  if (link_) return next_linked(record);
  if (Result<Step> held = hold_others(); !held || *held == Step::kWait) return held;
  if (outer_wanted_) {
    Result<Step> step = read_tuple(groups_.front(), outer_);
    if (!step || *step != Step::kGot) return step;
    if (all_empty()) return Step::kEnd;
    outer_wanted_ = false;
  }
  if (groups_.size() == 1) {
    record = std::move(outer_);
  } else {
    record = outer_;
    for (std::size_t g = 1; g < groups_.size(); ++g) {
      const Record& tuple = groups_[g].held[groups_[g].index];
      record.insert(record.end(), tuple.begin(), tuple.end());
    }
  }
  advance();
  return Step::kGot;
}

Result<Step> Combination::next_linked(Record& record) {
  while (step_.size() < readers_.size()) {
    History& history = histories_[step_.size()];
    std::string value;
    if (!history.ended) {
      Result<Step> step = read(step_.size(), value);
      if (!step || *step == Step::kWait) return step;
      if (*step == Step::kGot) {
        history.values.push_back(value);
        step_.push_back(std::move(value));
        step_has_new_ = true;
        continue;
      }
      history.ended = true;
    }
    if (!history.values.empty()) value = history.values[history.next++ % history.values.size()];
    step_.push_back(std::move(value));
  }
  if (!std::exchange(step_has_new_, false)) return Step::kEnd;
  record = std::exchange(step_, {});
  return Step::kGot;
}

std::optional<std::uint64_t> Combination::count() const {
  std::uint64_t total = 1;
  std::uint64_t longest = 0;
  bool any = false;
  for (const Group& group : groups_) {
    std::uint64_t shortest = UINT64_MAX;
    for (std::size_t i = group.first; i < group.first + group.size; ++i) {
      const std::optional<std::uint64_t> count = readers_[i].count();
      if (!count) return std::nullopt;
      any = any || *count > 0;
      longest = std::max(longest, *count);
      shortest = std::min(shortest, std::max<std::uint64_t>(*count, 1));
    }
    if (__builtin_mul_overflow(total, shortest, &total)) return std::nullopt;
  }
  if (!any) return 0;
  return link_ ? longest : total;
}

}  // namespace mtask::pool
