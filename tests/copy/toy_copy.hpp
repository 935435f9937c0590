#pragma once
// A copy that copies nothing: walks a made-up tree through the Board as the real workers do, and notes in shared memory
// what it "did". The Board's promises show in these notes.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "copy/board.hpp"
#include "os/shared_region.hpp"

namespace mtask::test {

// Directory 0 is the operand; directory n has the directories n*branch+1 … n*branch+branch, as long as these are fewer
// than `directories` (an even number). Each has some files, two names of a hard-linked file that has two more in the
// next directory, and every third one a big file with two names.
struct ToyTree {
  std::uint32_t directories;
  std::uint32_t branch;
  std::uint32_t files;   // in each directory, with names of 200 bytes, some 40 of which fill a batch
  std::uint32_t ranges;  // of a big file
};

class ToyCopy {
 public:
  // What was done, by directory number.
  struct Notes {
    std::atomic<std::uint32_t> walked;
    std::atomic<std::uint32_t> files;  // counts repetitions
    std::atomic<std::uint32_t> links;
    std::atomic<std::uint32_t> ranges;
    std::atomic<std::uint32_t> sealed;
    std::atomic<std::uint32_t> finished;
    std::atomic<std::uint32_t> last_finish;  // moment, counted over all finishes
    std::atomic<std::uint32_t> refused;      // the tables were full
  };

  ToyCopy(const ToyTree& tree, std::uint32_t workers);

  // As Worker::work().
  int work(std::uint32_t worker);
  // As the supervisor does when a worker has died.
  void recover(std::uint32_t worker);

  [[nodiscard]] copy::Board& board() { return *board_; }
  [[nodiscard]] const ToyTree& tree() const { return tree_; }
  [[nodiscard]] const Notes& notes(std::uint32_t directory) const { return notes_[directory]; }
  // Finishes so far, of all directories.
  [[nodiscard]] std::uint32_t moments() const { return *clock_; }

  // What is wrong with a copy that is through; empty when all is well. `exactly`: nobody died, so nothing was repeated.
  [[nodiscard]] std::string complaints(bool exactly);

  // Called around each operation on the board, with its number from 1 on, in this process.
  std::function<void(unsigned, bool begins)> around;
  [[nodiscard]] unsigned operations() const { return operations_; }

 private:
  using SlotId = copy::Board::SlotId;

  template <class Operation>
  auto on_board(Operation operation) {
    const unsigned number = ++operations_;
    if (around) around(number, true);
    auto result = operation(*board_);
    if (around) around(number, false);
    return result;
  }
  [[nodiscard]] std::uint32_t number_of(copy::DirId dir);
  void execute(SlotId& slot, std::uint32_t worker);
  void walk(SlotId& slot, std::uint32_t worker);
  void batch(copy::DirId dir, const copy::NameBlock& block, std::atomic<std::uint32_t>* at, std::uint32_t worker);
  [[nodiscard]] bool entry(copy::DirId dir, const std::string& name, std::uint32_t worker);
  [[nodiscard]] bool link(copy::DirId dir, const std::string& name, std::uint32_t worker);
  void lead_big(copy::DirId dir, const std::string& name, const copy::LinkClaim& claim, const copy::Identity& source);
  void range(SlotId slot);
  void seal(SlotId slot);

  ToyTree tree_;
  os::SharedRegion region_;
  Notes* notes_;
  std::atomic<std::uint32_t>* clock_;
  std::unique_ptr<copy::Board> board_;
  unsigned operations_ = 0;
};

}  // namespace mtask::test
