#pragma once
// Orders more values than memory holds: by keys of 64 bits, then by a comparison. What is beyond the limit goes, in
// sorted runs, to a file without a name, which vanishes with its owner; the runs are merged on the way out.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "gen/batch.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

class Sorter {
 public:
  // Which of two values, the only ones of their batches, comes first: below 0 the left one. Asked where keys are equal;
  // what it holds equal stays in the order of arrival. Empty: keys decide.
  using Compare = std::function<int(const Batch&, const Batch&)>;

  Sorter(std::uint64_t memory, std::string tmpdir, Compare compare)
      : memory_(memory), tmpdir_(std::move(tmpdir)), compare_(std::move(compare)) {}

  // A failure is the temporary file's.
  [[nodiscard]] Result<void> add(const Batch& batch, std::size_t index, std::uint64_t key);
  // After the last add().
  [[nodiscard]] Result<void> finish();
  // Appends the next value to `out`; nothing after the last one.
  [[nodiscard]] Result<bool> next(Batch& out);

 private:
  struct Record {
    std::uint64_t key;
    std::uint64_t number;  // of arrival
    std::size_t at;        // in texts_
  };
  // A run in the file and what was read of it.
  struct Run {
    std::uint64_t at = 0;
    std::uint64_t end = 0;
    std::string buffer;
    std::size_t used = 0;
    Record head{};  // its text is at buffer[head.at]
  };

  [[nodiscard]] bool before(const Record& a, const std::string& a_texts, const Record& b,
                            const std::string& b_texts) const;
  void sort_memory();
  [[nodiscard]] Result<void> spill();
  [[nodiscard]] Result<void> open_file();
  // Makes the run's next record its head; false at its end.
  [[nodiscard]] Result<bool> advance(Run& run) const;
  void push_run(std::size_t run);

  std::uint64_t memory_;
  std::string tmpdir_;
  Compare compare_;
  std::string texts_;
  std::vector<Record> records_;
  std::uint64_t numbers_ = 0;
  std::size_t next_ = 0;  // of records_
  UniqueFd file_;
  std::uint64_t file_size_ = 0;
  std::vector<Run> runs_;
  std::vector<std::size_t> heap_;  // of runs that have a head; the one that comes first on top
};

// A key that orders as compare_values() does, as far as 64 bits tell: equal keys need the comparison.
[[nodiscard]] std::uint64_t sort_key(const Batch& batch, std::size_t index, std::size_t field);

}  // namespace mtask::gen
