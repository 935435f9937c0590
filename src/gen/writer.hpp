#pragma once
// Writes values to a file descriptor as the user wants them.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gen/batch.hpp"
#include "gen/progression_text.hpp"
#include "gen/text_buffer.hpp"
#include "gen/value_format.hpp"
#include "mtask/gen.hpp"
#include "mtask/result.hpp"
#include "mtask/stop.hpp"
#include "mtask/task.hpp"

namespace mtask::gen {

class Writer {
 public:
  // `live`: others have work while the reader is slow, so wait for it in the event loop; otherwise just write.
  // `format` as given, with its width known. Does not own `fd`. A signal that interrupts a write and requests `stop`
  // ends it: a reader who stands still must not keep the run from ending.
  [[nodiscard]] static Result<Writer> create(int fd, const Format& format, bool live, StopToken stop);

  // Fails when a value does not fit the format; those before it were added.
  [[nodiscard]] Result<void> add(Batch& batch);
  [[nodiscard]] bool full() const noexcept { return buffer_.size() >= kFlushBytes; }
  [[nodiscard]] task<Result<void>> flush();
  // After the last value.
  void finish();

  // The reader is gone; everything is dropped from then on.
  [[nodiscard]] bool reader_left() const noexcept { return reader_left_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t values() const noexcept { return values_; }

 private:
  static constexpr std::size_t kFlushBytes = 128 * 1024;

  Writer(int fd, const Format& format, bool live, StopToken stop);
  void add_rows(const Batch& batch);
  void add_numbers(Batch& batch);
  [[nodiscard]] Result<void> add_value(const Batch& batch, std::size_t index);
  void add_json(const Batch& batch, std::size_t index);

  int fd_;
  bool live_;
  StopToken stop_;
  Format format_;
  std::optional<ValueFormat> template_;
  bool plain_;  // numbers need nothing but their digits and one byte
  ProgressionText progression_;
  TextBuffer buffer_;
  std::string value_;
  bool reader_left_ = false;
  std::uint64_t values_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace mtask::gen
