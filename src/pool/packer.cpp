#include "pool/packer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "pool/value_reader.hpp"

extern char** environ;

namespace mtask::pool {

std::size_t command_line_limit() {
  constexpr std::size_t kOneArgument = 128UL * 1024;
  constexpr std::size_t kHeadroom = 4096;  // as POSIX advises, and a few variables more
  std::size_t environment = 0;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each)
    environment += std::strlen(*each) + 1 + sizeof(char*);
  const long all = ::sysconf(_SC_ARG_MAX);
  if (all <= 0) return kOneArgument;
  const auto room = static_cast<std::size_t>(all);
  if (room <= environment + kHeadroom) return kHeadroom;
  return std::min(kOneArgument, room - environment - kHeadroom);
}

Packer::Packer(RecordSource& records, const CommandTemplate& command, const Inputs& inputs, unsigned slots)
    : source_(records),
      command_(command),
      trim_(inputs.trim.value_or(inputs.colsep ? Inputs::Trim::kBoth : Inputs::Trim::kNone)),
      packs_(inputs.packing != Inputs::Packing::kNone),
      inserted_(packs_ || inputs.max_lines > 0 || !inputs.positional || inputs.max_args > 0),
      most_(std::max(inputs.max_args, inputs.max_lines)),
      slots_(std::max(slots, 1U)) {
  if (inputs.max_args > 0) most_ = inputs.max_args;
  if (most_ == 0 && !packs_) most_ = 1;
  if (most_ != 1 || inputs.max_chars > 0) limit_ = command_line_limit();
  if (inputs.max_chars > 0) limit_ = std::min<std::size_t>(limit_, inputs.max_chars);
}

std::optional<std::uint64_t> Packer::total() const {
  const std::optional<std::uint64_t> records = source_.total();
  if (!records || packs_ || (most_ > 1 && limit_ > 0 && *records > 1 && limit_ < command_line_limit()))
    return std::nullopt;
  return *records / most_ + (*records % most_ > 0 ? 1 : 0);
}

Result<Step> Packer::take(Record& record) {
  if (!pending_.empty()) {
    record = std::move(pending_.front());
    pending_.pop_front();
    return Step::kGot;
  }
  if (ended_) return Step::kEnd;
  Result<Step> step = source_.next(record);
  if (step && *step == Step::kEnd) ended_ = true;
  return step;
}

void Packer::add(Record record) {
  // The views stay good while job_ grows: that moves the records, not their strings.
  job_.push_back(std::move(record));
  for (const std::string& value : job_.back()) {
    values_.push_back(trimmed(value, trim_));
    if (limit_ == 0) continue;
    lengths_.push_back(command_.value_length(values_.back()));
    values_length_ += lengths_.back();
  }
}

void Packer::give_back() {
  const std::size_t left = values_.size() - job_.back().size();
  for (; limit_ != 0 && lengths_.size() > left; lengths_.pop_back()) values_length_ -= lengths_.back();
  values_.resize(left);
  pending_.push_front(std::move(job_.back()));
  job_.pop_back();
}

bool Packer::fits() const {
  if (limit_ == 0) return true;
  const std::ptrdiff_t length = command_.rest_length({values_, inserted_, given_ + 1, std::nullopt}) + values_length_;
  return length < static_cast<std::ptrdiff_t>(limit_);
}

Error Packer::too_long() const {
  std::string shown;
  for (const std::string_view value : values_) {
    if (!shown.empty()) shown += ' ';
    shown += value.substr(0, 80);
  }
  return {ErrorKind::kUnavailable,
          {},
          "the command line of job " + std::to_string(given_ + 1) + " would have " + std::to_string(limit_) +
              " bytes or more, too many, with only " + quote(shown.substr(0, 80))};
}

Result<Step> Packer::gather() {
  while (most_ == 0 || job_.size() < most_) {
    Record record;
    Result<Step> step = take(record);
    if (!step || *step == Step::kWait) return step;
    if (*step == Step::kEnd) break;
    add(std::move(record));
    if (fits()) continue;
    if (job_.size() == 1) return Unexpected(too_long());
    give_back();
    break;
  }
  return job_.empty() ? Step::kEnd : Step::kGot;
}

// Once, when the job takes the last records: parts it so that each slot has something to do.
Result<Step> Packer::spread() {
  if (!ended_ && pending_.empty()) {
    Record record;
    Result<Step> step = take(record);
    if (!step || *step == Step::kWait) return step;
    if (*step == Step::kGot) pending_.push_front(std::move(record));
  }
  if (!ended_ || !pending_.empty()) return Step::kGot;
  spread_ = true;
  if (job_.size() < 2) return Step::kGot;
  most_ = (job_.size() + slots_ - 1) / slots_;
  while (job_.size() > most_) give_back();
  return Step::kGot;
}

Result<Step> Packer::next() {
  if (std::exchange(complete_, false)) {
    job_.clear();
    values_.clear();
    lengths_.clear();
    values_length_ = 0;
  }
  Result<Step> step = gather();
  if (!step || *step != Step::kGot) return step;
  if (packs_ && !spread_) {
    step = spread();
    if (!step || *step != Step::kGot) return step;
  }
  complete_ = true;
  ++given_;
  return Step::kGot;
}

}  // namespace mtask::pool
