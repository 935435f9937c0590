#pragma once
// The records of a run: its sources opened, combined, parted into columns, named by their header, shuffled.
//
// Everything is read lazily, but for what Combination holds and where the records must be counted or shuffled first.
// Not thread-safe. Errors: ValueReader's; usage errors for a wrong colsep and for standard input named twice.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "pool/combination.hpp"
#include "pool/pattern.hpp"

namespace mtask::pool {

class RecordSource {
 public:
  [[nodiscard]] static Result<RecordSource> open(const Inputs& inputs, int standard_input);

  // First of all: reads the header; kGot when names() is complete.
  [[nodiscard]] Result<Step> read_names();
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  // From now on all records are read before the first one is given.
  void count_first() { hold_all_ = true; }

  [[nodiscard]] Result<Step> next(Record& record);
  [[nodiscard]] std::optional<std::uint64_t> total() const { return total_; }

  // After kWait: what to poll, and the read to do then.
  [[nodiscard]] int fd() const { return waiting_ == nullptr ? -1 : waiting_->fd(); }
  [[nodiscard]] Result<void> fill() { return waiting_ == nullptr ? Result<void>() : waiting_->fill(); }
  // Some source may make next() wait.
  [[nodiscard]] bool may_wait() const;

 private:
  RecordSource(Combination combination, const Inputs& inputs)
      : combination_(std::move(combination)), shuffle_(inputs.shuffle), seed_(inputs.seed) {}
  [[nodiscard]] Result<void> set_columns(const Inputs& inputs);
  [[nodiscard]] Result<Step> next_parted(Record& record);
  [[nodiscard]] Result<Step> hold();
  void part(std::string value, Record& record) const;
  void shuffle();

  Combination combination_;
  std::string separator_;  // of columns, where that is plain text
  std::optional<Pattern> pattern_;
  bool header_ = false;
  std::size_t header_read_ = 0;  // sources
  std::vector<std::string> names_;

  bool shuffle_;
  std::optional<std::uint64_t> seed_;
  bool hold_all_ = false;
  bool held_all_ = false;
  std::vector<Record> held_;
  std::size_t held_given_ = 0;
  std::optional<std::uint64_t> total_;
  ValueReader* waiting_ = nullptr;
};

}  // namespace mtask::pool
