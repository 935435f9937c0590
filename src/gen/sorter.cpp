#include "gen/sorter.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "gen/number.hpp"
#include "os/fd_io.hpp"

namespace mtask::gen {
namespace {

// In memory and in the file a value is: its size in bytes, then for each field its size and its text; sizes of 4 bytes,
// a field's with the highest bit set where it is a number. In the file key and number stand before it.
constexpr std::uint32_t kNumberBit = 0x80000000U;
constexpr std::size_t kRunHeader = 16;
constexpr std::size_t kLeastBuffer = 16 * 1024;

void append_u32(std::string& out, std::uint32_t value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::uint32_t u32_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

void append_record(std::string& out, const Batch& batch, std::size_t index) {
  const std::size_t start = out.size();
  append_u32(out, 0);
  for (std::size_t field = 0; field < batch.field_count(index); ++field) {
    const std::size_t at = out.size();
    append_u32(out, 0);
    batch.append_field(index, field, out);
    const auto size =
        static_cast<std::uint32_t>(out.size() - at - 4) | (batch.is_number(index, field) ? kNumberBit : 0);
    std::memcpy(out.data() + at, &size, sizeof size);
  }
  const auto size = static_cast<std::uint32_t>(out.size() - start - 4);
  std::memcpy(out.data() + start, &size, sizeof size);
}

void read_record(const std::string& bytes, std::size_t at, Batch& out) {
  out.to_rows();
  const std::size_t end = at + 4 + u32_at(bytes, at);
  at += 4;
  while (at < end) {
    const std::uint32_t size = u32_at(bytes, at);
    out.add_field(std::string_view(bytes).substr(at + 4, size & ~kNumberBit), (size & kNumberBit) != 0);
    at += 4 + (size & ~kNumberBit);
  }
  out.end_row();
}

}  // namespace

std::uint64_t sort_key(const Batch& batch, std::size_t index, std::size_t field) {
  std::string text;
  if (field < batch.field_count(index)) batch.append_field(index, field, text);
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool out_of_range = read.ec == std::errc::result_out_of_range && is_plain_number(text);
  if (out_of_range && text.find_first_not_of("-0") != text.find('.')) {
    number = text.starts_with('-') ? -HUGE_VAL : HUGE_VAL;
  }
  if (out_of_range || (read.ec == std::errc() && read.ptr == text.data() + text.size() && !std::isnan(number))) {
    if (number == 0) number = 0;  // not -0
    const auto bits = std::bit_cast<std::uint64_t>(number);
    const std::uint64_t ordered = (bits >> 63U) != 0 ? ~bits : bits | (std::uint64_t{1} << 63U);
    return ordered >> 1U;
  }
  std::uint64_t key = 1;  // texts come after all numbers
  for (std::size_t i = 0; i < 7; ++i) {
    key = (key << 8U) | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return (key << 7U) | (std::uint64_t{1} << 63U);
}

bool Sorter::before(const Record& a, const std::string& a_texts, const Record& b, const std::string& b_texts) const {
  if (a.key != b.key) return a.key < b.key;
  if (compare_) {
    Batch left;
    Batch right;
    read_record(a_texts, a.at, left);
    read_record(b_texts, b.at, right);
    if (const int order = compare_(left, right); order != 0) return order < 0;
  }
  return a.number < b.number;
}

Result<void> Sorter::add(const Batch& batch, std::size_t index, std::uint64_t key) {
  records_.push_back(Record{key, numbers_++, texts_.size()});
  append_record(texts_, batch, index);
  // Both grow by doubling, so in the worst moment twice of it is there.
  const bool full = (texts_.size() + records_.size() * sizeof(Record)) * 2 > memory_;
  return full ? spill() : Result<void>();
}

void Sorter::sort_memory() {
  std::sort(records_.begin(), records_.end(),
            [this](const Record& a, const Record& b) { return before(a, texts_, b, texts_); });
}

Result<void> Sorter::open_file() {
  if (file_) return {};
  file_ = UniqueFd(::open(tmpdir_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file_) {
    std::string name = tmpdir_ + "/mtask-gen-XXXXXX";
    file_ = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
    if (file_) ::unlink(name.c_str());
  }
  if (file_) return {};
  return Unexpected(
      system_error(ErrorKind::kUnavailable, errno, "cannot create a temporary file in " + quote(tmpdir_)));
}

Result<void> Sorter::spill() {
  if (auto opened = open_file(); !opened) return opened;
  sort_memory();
  const std::uint64_t begin = file_size_;
  std::string buffer;
  const auto write = [&]() -> Result<void> {
    if (os::pwrite_full(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(file_size_)) != 0) {
      return Unexpected(
          system_error(ErrorKind::kUnavailable, errno, "cannot write a temporary file in " + quote(tmpdir_)));
    }
    file_size_ += buffer.size();
    buffer.clear();
    return {};
  };
  for (const Record& record : records_) {
    buffer.append(reinterpret_cast<const char*>(&record.key), 8);
    buffer.append(reinterpret_cast<const char*>(&record.number), 8);
    buffer.append(texts_, record.at, 4 + u32_at(texts_, record.at));
    if (buffer.size() < std::size_t{1} << 18U) continue;
    if (auto written = write(); !written) return written;
  }
  if (auto written = write(); !written) return written;
  runs_.push_back(Run{.at = begin, .end = file_size_, .buffer = {}});
  records_.clear();
  texts_.clear();
  return {};
}

Result<bool> Sorter::advance(Run& run) const {
  const auto fill = [&](std::size_t needed) -> Result<void> {
    if (run.buffer.size() - run.used >= needed) return {};
    run.buffer.erase(0, run.used);
    run.used = 0;
    const std::size_t have = run.buffer.size();
    const std::size_t each = std::max<std::size_t>(kLeastBuffer, static_cast<std::size_t>(memory_ / 2) / runs_.size());
    const auto more =
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max(needed, each) - have, run.end - run.at));
    run.buffer.resize(have + more);
    const ssize_t read = os::pread_full(file_.get(), run.buffer.data() + have, more, static_cast<off_t>(run.at));
    if (read != static_cast<ssize_t>(more)) {
      return Unexpected(system_error(ErrorKind::kUnavailable, read < 0 ? errno : EIO,
                                     "cannot read a temporary file in " + quote(tmpdir_)));
    }
    run.at += more;
    return {};
  };
  if (run.used == run.buffer.size() && run.at == run.end) return false;
  if (auto filled = fill(kRunHeader + 4); !filled) return Unexpected(std::move(filled).error());
  const std::size_t size = 4 + u32_at(run.buffer, run.used + kRunHeader);
  if (auto filled = fill(kRunHeader + size); !filled) return Unexpected(std::move(filled).error());
  std::memcpy(&run.head.key, run.buffer.data() + run.used, 8);
  std::memcpy(&run.head.number, run.buffer.data() + run.used + 8, 8);
  run.head.at = run.used + kRunHeader;
  run.used += kRunHeader + size;
  return true;
}

void Sorter::push_run(std::size_t run) {
  heap_.push_back(run);
  std::push_heap(heap_.begin(), heap_.end(), [this](std::size_t a, std::size_t b) {
    return before(runs_[b].head, runs_[b].buffer, runs_[a].head, runs_[a].buffer);
  });
}

Result<void> Sorter::finish() {
  if (!file_) {
    sort_memory();
    return {};
  }
  if (!records_.empty()) {
    if (auto spilled = spill(); !spilled) return spilled;
  }
  texts_ = std::string();
  records_ = std::vector<Record>();
  for (std::size_t run = 0; run < runs_.size(); ++run) {
    auto has_head = advance(runs_[run]);
    if (!has_head) return Unexpected(std::move(has_head).error());
    if (*has_head) push_run(run);
  }
  return {};
}

Result<bool> Sorter::next(Batch& out) {
  if (!file_) {
    if (next_ == records_.size()) return false;
    read_record(texts_, records_[next_++].at, out);
    return true;
  }
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), [this](std::size_t a, std::size_t b) {
    return before(runs_[b].head, runs_[b].buffer, runs_[a].head, runs_[a].buffer);
  });
  const std::size_t first = heap_.back();
  heap_.pop_back();
  read_record(runs_[first].buffer, runs_[first].head.at, out);
  auto has_head = advance(runs_[first]);
  if (!has_head) return has_head;
  if (*has_head) push_run(first);
  return true;
}

}  // namespace mtask::gen
