#include "pool/block_splitter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mtask::pool {
namespace {

constexpr std::size_t kLargestBlock = (std::size_t{1} << 31) - 1;  // to which a block grows by itself

// As std::string_view::rfind, but fast.
std::size_t find_last(std::string_view text, std::string_view wanted) {
  if (wanted.empty()) return text.size();
  std::size_t size = text.size();
  while (size >= wanted.size()) {
    const void* found = ::memrchr(text.data(), wanted.front(), size - wanted.size() + 1);
    if (found == nullptr) break;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    if (text.substr(at, wanted.size()) == wanted) return at;
    size = at + wanted.size() - 1;
  }
  return std::string_view::npos;
}

std::size_t find_first(std::string_view text, std::string_view wanted, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (wanted.empty()) return from;
  const void* found = ::memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

bool counts_lines(const Pipe& pipe) { return pipe.record_lines > 1 && pipe.max_records == 0; }

}  // namespace

Result<BlockSplitter> BlockSplitter::create(const Pipe& pipe, bool drop_blank_lines) {
  BlockSplitter out(pipe, drop_blank_lines);
  out.header_done_ = pipe.header_lines == 0;
  out.pipe_.block = std::clamp<std::uint64_t>(pipe.block, 1, kLargestBlock);
  out.separator_ = pipe.record_end + pipe.record_start;
  if (!pipe.regexp || counts_lines(pipe)) return out;
  // With neither a start nor an end each byte is a record.
  const std::string end = out.separator_.empty() ? "[^\\n]|\\n" : pipe.record_end;
  const bool counted = pipe.max_records > 0;
  Result<Pattern> boundary = Pattern::compile_pair(end, pipe.record_start, counted, {.multiline = true});
  if (!boundary) return Unexpected(std::move(boundary).error());
  out.boundary_ = *std::move(boundary);
  Result<Pattern> start = Pattern::compile(pipe.record_start, {.multiline = true});
  if (!start) return Unexpected(std::move(start).error());
  out.start_ = *std::move(start);
  Result<Pattern> end_only = Pattern::compile(end, {.to_end = true});
  if (!end_only) return Unexpected(std::move(end_only).error());
  out.end_only_ = *std::move(end_only);
  return out;
}

void BlockSplitter::begin_round() {
  round_begun_ = true;
  given_in_round_ = false;
  cuts_found_ = false;
  blanks_dropped_ = false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  wanted_ = pipe_.block - end_ % pipe_.block;
}

std::span<char> BlockSplitter::space() {
  if (buffer_.size() < end_ + wanted_) buffer_.resize(end_ + wanted_);
  return {buffer_.data() + end_, wanted_};
}

void BlockSplitter::added(std::size_t count) {
  end_ += count;
  wanted_ -= std::min(wanted_, count);
  if (count == 0) {
    at_end_ = true;
    wanted_ = 0;
  }
}

// False while lines of it are missing; a stream that ends before has none.
bool BlockSplitter::take_header() {
  std::size_t end = 0;
  for (std::uint64_t line = 0; line < pipe_.header_lines; ++line) {
    const std::size_t found = find_first(text(), "\n", end);
    if (found == std::string_view::npos) return at_end_;
    end = found + 1;
  }
  header_.assign(text().substr(0, end));
  begin_ += end;
  return true;
}

void BlockSplitter::remove_blank_lines() {
  std::size_t kept = begin_;
  for (std::size_t at = begin_; at < end_;) {
    const std::size_t found = find_first(std::string_view(buffer_).substr(0, end_), "\n", at);
    const std::size_t next = found == std::string_view::npos ? end_ : found + 1;
    const bool blank =
        found != std::string_view::npos && std::all_of(buffer_.begin() + static_cast<std::ptrdiff_t>(at),
                                                       buffer_.begin() + static_cast<std::ptrdiff_t>(next), is_blank);
    if (!blank) {
      std::memmove(buffer_.data() + kept, buffer_.data() + at, next - at);
      kept += next - at;
    }
    at = next;
  }
  end_ = kept;
}

std::size_t BlockSplitter::last_end() const {
  const std::size_t found = find_last(text(), separator_);
  return found == std::string_view::npos ? 0 : found + pipe_.record_end.size();
}

// The end of the last line, back to where the lines are a multiple of record_lines.
std::size_t BlockSplitter::last_line_group() const {
  const std::string_view all = text();
  std::size_t end = find_last(all, "\n") + 1;
  auto lines = static_cast<std::uint64_t>(std::count(all.begin(), all.end(), '\n'));
  for (; lines % pipe_.record_lines != 0; --lines) end = find_last(all.substr(0, end - 1), "\n") + 1;
  return end;
}

std::size_t BlockSplitter::counted_end() const {
  const std::string_view all = text();
  const std::uint64_t records = pipe_.max_records * pipe_.record_lines;
  std::size_t end = 0;
  for (std::uint64_t i = 0; i < records; ++i) {
    // A record has at least one byte, or its end.
    const std::size_t found = find_first(all, separator_, pipe_.record_end.empty() ? end + 1 : end);
    if (found == std::string_view::npos || all.empty()) return 0;
    end = found + pipe_.record_end.size();
  }
  return end;
}

std::size_t BlockSplitter::last_pattern_end() const {
  Scanner scanner(*boundary_, text());
  const std::optional<Pattern::Match> found = scanner.search_back(end_ - begin_);
  return found ? found->middle : 0;
}

// All cuts of a round at once: a Scanner of its own for each would cost more than the cut.
void BlockSplitter::find_pattern_cuts() {
  const std::string_view all = text();
  Scanner scanner(*boundary_, all);
  const std::uint64_t wanted = pipe_.max_records * pipe_.record_lines;
  std::uint64_t records = wanted;
  if (!start_seen_) {  // what comes before the first record is a block by itself
    start_seen_ = Scanner(*start_, all).match_at(0).has_value();
    if (!start_seen_) records = 1;
  }
  std::size_t end = 0;
  for (std::size_t at = 0; at <= all.size();) {
    const std::optional<Pattern::Match> found = scanner.search(at);
    if (!found || found->middle >= all.size()) return;
    if (found->middle <= end) {
      at = found->begin + 1;
      continue;
    }
    at = end = found->middle;
    if (--records > 0) continue;
    cuts_.push_back(begin_ + end);
    start_seen_ = true;
    records = wanted;
  }
}

std::size_t BlockSplitter::counted_pattern_end() {
  if (!cuts_found_) find_pattern_cuts();
  cuts_found_ = true;
  if (cuts_.empty()) return 0;
  const std::size_t cut = cuts_.front();
  cuts_.pop_front();
  return cut - begin_;
}

std::size_t BlockSplitter::cut_at() {
  if (begin_ == end_) return 0;
  if (pipe_.max_records > 0) return boundary_ ? counted_pattern_end() : counted_end();
  if (given_in_round_) return 0;
  if (counts_lines(pipe_)) return last_line_group();
  if (at_end_) return 0;
  return boundary_ ? last_pattern_end() : last_end();
}

void BlockSplitter::give(std::string& block, std::size_t size) {
  given_in_round_ = true;
  if (pipe_.max_records > 0 || begin_ > 0) {
    block.assign(buffer_, begin_, size);
    begin_ += size;
  } else {
    std::string rest;
    const std::size_t kept = end_ - size;
    if (!at_end_) rest.reserve(std::max<std::size_t>(pipe_.block, kept));
    rest.assign(buffer_, size, kept);
    buffer_.resize(size);
    block = std::exchange(buffer_, std::move(rest));
    end_ = kept;
  }
  if (pipe_.remove_separators) remove_separators(block);
  if (!header_.empty()) block.insert(0, header_);
}

Step BlockSplitter::next(std::string& block) {
  for (;;) {
    if (!round_begun_) begin_round();
    if (wanted_ > 0) return Step::kWait;
    if (!header_done_) {
      header_done_ = take_header();
      round_begun_ = at_end_;  // the header is no part of the first block
      continue;
    }
    if (drop_blank_lines_ && !std::exchange(blanks_dropped_, true)) remove_blank_lines();
    if (const std::size_t size = cut_at(); size > 0) {
      give(block, size);
      return Step::kGot;
    }
    if (at_end_) {
      if (begin_ == end_) return Step::kEnd;
      give(block, end_ - begin_);
      return Step::kGot;
    }
    if (!given_in_round_ && begin_ < end_)
      pipe_.block = std::min<std::uint64_t>((pipe_.block * 13 + 19) / 10, kLargestBlock);
    round_begun_ = false;
  }
}

void BlockSplitter::remove_separators(std::string& block) const {
  if (boundary_) {
    remove_patterns(block);
  } else {
    remove_plain(block);
  }
}

void BlockSplitter::remove_plain(std::string& block) const {
  std::string out;
  std::size_t at = 0;
  for (std::size_t found = 0; !separator_.empty(); at = found + separator_.size()) {
    found = find_first(block, separator_, at);
    if (found == std::string::npos) break;
    out.append(block, at, found - at);
  }
  out.append(block, at);
  if (!pipe_.record_start.empty() && out.starts_with(pipe_.record_start)) out.erase(0, pipe_.record_start.size());
  const std::string& end = pipe_.record_end;
  if (!end.empty() && out.ends_with(end)) {
    out.resize(out.size() - end.size());
  } else if (!end.empty() && out.ends_with(end + "\n")) {
    out.erase(out.size() - 1 - end.size(), end.size());
  }
  block = std::move(out);
}

void BlockSplitter::remove_patterns(std::string& block) const {
  const Pattern& whole = *boundary_;
  std::string out;
  Scanner scanner(whole, block);
  std::size_t copied = 0;
  for (std::size_t at = 0; at <= block.size();) {
    const std::optional<Pattern::Match> found = scanner.search(at);
    if (!found) break;
    out.append(block, copied, found->begin - copied);
    copied = found->end;
    at = found->end == found->begin ? found->end + 1 : found->end;
  }
  out.append(block, copied);
  if (const auto found = Scanner(*start_, out).match_at(0)) out.erase(0, found->end);
  if (const auto found = Scanner(*end_only_, out).search(0)) out.resize(found->begin);
  block = std::move(out);
}

}  // namespace mtask::pool
