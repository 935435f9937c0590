#pragma once
// Puts the jobs' output into the order in which it is to be read, and keeps what has to wait for its turn.
//
// Kept in memory up to a few MiB, beyond that in a file without a name, and so is what a slow reader has not taken yet.
// Tickets are given from 1 without gaps; each begins once and ends at most once. Belongs to the supervisor.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "pool/writer.hpp"

namespace mtask::pool {

class Printer {
 public:
  // `ordered`: by ticket, else as it comes. `directory`: for the file; empty: all stays in memory.
  Printer(Writer& writer, bool ordered, std::string directory)
      : writer_(writer), ordered_(ordered), directory_(std::move(directory)) {}

  void begin(std::uint64_t ticket);
  // Output of a job that has begun and not ended.
  void add(std::uint64_t ticket, std::uint64_t item, const std::string& tag, Output output);
  void end(std::uint64_t ticket);
  // The jobs that have not ended never will.
  void end_all();

  // What this job says need not wait for others.
  [[nodiscard]] bool its_turn(std::uint64_t ticket) const noexcept { return !ordered_ || ticket == first_; }

 private:
  struct Held {
    std::uint64_t item = 0;
    std::string tag;
    std::vector<Output> outputs;
  };
  struct Place {
    bool over = false;
    std::unique_ptr<Held> held;
  };
  void advance();
  void release(Place& place);
  void spool(Output& output);

  Writer& writer_;
  bool ordered_;
  std::string directory_;
  std::uint64_t first_ = 1;  // ticket of the first place
  std::deque<Place> places_;
  std::size_t held_bytes_ = 0;
  UniqueFd file_;
  std::int64_t file_size_ = 0;
  std::uint64_t held_in_file_ = 0;
};

}  // namespace mtask::pool
