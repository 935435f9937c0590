#pragma once
// Combines the values of several sources into records of one value each.
//
// Each with each, the last source running fastest; a source linked to the one before (:::+) steps with it, the shorter
// one ending both; with `link` all step together and shorter ones start again. An empty source stands for one empty
// value, unless all are empty. Memory: nothing of the first source (with the linked ones after it), all of the others;
// with `link`, all. Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mtask/result.hpp"
#include "pool/value_reader.hpp"

namespace mtask::pool {

using Record = std::vector<std::string>;

class Combination {
 public:
  // `linked` says of each reader whether it is linked to the one before.
  Combination(std::vector<ValueReader> readers, const std::vector<bool>& linked, bool link);

  // After kWait the reader that must be filled is waiting().
  [[nodiscard]] Result<Step> next(Record& record);
  [[nodiscard]] ValueReader* waiting() { return waiting_; }
  [[nodiscard]] std::vector<ValueReader>& readers() { return readers_; }
  [[nodiscard]] const std::vector<ValueReader>& readers() const { return readers_; }

  // How many records there are, where that is known; before the first next() only.
  [[nodiscard]] std::optional<std::uint64_t> count() const;

 private:
  // Sources that step together.
  struct Group {
    std::size_t first = 0;
    std::size_t size = 1;
    Record partial;            // of the tuple being read
    bool begun = false;        // the first tuple is complete
    bool ended = false;        // no tuple comes after it
    bool empty = true;         // no source of it had a value
    std::vector<Record> held;  // tuples; none of the first group's
    std::size_t index = 0;     // of held
  };

  [[nodiscard]] Result<Step> read(std::size_t source, std::string& value);
  [[nodiscard]] Result<Step> read_tuple(Group& group, Record& tuple);
  [[nodiscard]] Result<Step> hold_others();
  [[nodiscard]] Result<Step> next_linked(Record& record);
  [[nodiscard]] bool all_empty() const;
  void advance();

  std::vector<ValueReader> readers_;
  bool link_;
  ValueReader* waiting_ = nullptr;

  std::vector<Group> groups_;
  bool outer_wanted_ = true;
  Record outer_;  // the first group's tuple

  struct History {
    std::vector<std::string> values;
    std::size_t next = 0;
    bool ended = false;
  };
  std::vector<History> histories_;  // of link
  Record step_;                     // the record being read
  bool step_has_new_ = false;
};

}  // namespace mtask::pool
