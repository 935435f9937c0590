#pragma once
// Cuts a stream into blocks at record ends, as GNU parallel's --pipe does.
//
// The stream is read in rounds: each fills the buffer up to a multiple of the block size; then what ends at the last
// record end in it is a block (or each N records are), and the rest stays for the next round. A round without a record
// end makes the block size grow by 30 %. What is left at the end is the last block. Memory: one block and a read.
// Where no -N is given, the buffer itself becomes the block: nothing is copied but what follows the cut.
// One thing differs: an empty record at the start of a block counts for -N; parallel takes it with the next one.
// Not thread-safe.

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "pool/pattern.hpp"
#include "pool/value_reader.hpp"

namespace mtask::pool {

class BlockSplitter {
 public:
  // A usage error for a wrong regular expression. `drop_blank_lines`: -r.
  [[nodiscard]] static Result<BlockSplitter> create(const Pipe& pipe, bool drop_blank_lines);

  // kWait: read into space(), say how much by added() (0: the stream ended), ask again.
  [[nodiscard]] Step next(std::string& block);
  [[nodiscard]] std::span<char> space();
  void added(std::size_t count);

 private:
  BlockSplitter(const Pipe& pipe, bool drop_blank_lines) : pipe_(pipe), drop_blank_lines_(drop_blank_lines) {}

  [[nodiscard]] std::string_view text() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }
  void begin_round();
  [[nodiscard]] bool take_header();
  void remove_blank_lines();

  // Where to cut text(); 0: nowhere.
  [[nodiscard]] std::size_t last_end() const;
  [[nodiscard]] std::size_t last_line_group() const;
  [[nodiscard]] std::size_t counted_end() const;
  [[nodiscard]] std::size_t last_pattern_end() const;
  void find_pattern_cuts();
  [[nodiscard]] std::size_t counted_pattern_end();
  [[nodiscard]] std::size_t cut_at();

  void give(std::string& block, std::size_t size);
  void remove_separators(std::string& block) const;
  void remove_plain(std::string& block) const;
  void remove_patterns(std::string& block) const;

  Pipe pipe_;
  bool drop_blank_lines_;
  std::string separator_;            // record_end + record_start
  std::optional<Pattern> boundary_;  // record_end, record_start
  std::optional<Pattern> start_;     // record_start
  std::optional<Pattern> end_only_;  // record_end at the end of a block

  std::string buffer_;  // [begin_, end_) is read and not given
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t wanted_ = 0;  // bytes still to read in this round
  bool round_begun_ = false;
  bool at_end_ = false;
  bool given_in_round_ = false;
  bool blanks_dropped_ = false;   // in this round
  bool cuts_found_ = false;       // in this round
  std::deque<std::size_t> cuts_;  // in buffer_, of -N with regular expressions
  bool header_done_ = false;
  bool start_seen_ = false;  // of the first record, with regular expressions
  std::string header_;
};

}  // namespace mtask::pool
