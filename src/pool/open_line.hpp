#pragma once
// A line that a job has begun and not ended: kept until its end comes, as nobody's text may come in between.
//
// Up to kMemory in memory, beyond that in a file of the spill directory. Where that can't be written the line stays in
// memory. Belongs to the supervisor.

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "pool/writer.hpp"

namespace mtask::pool {

class OpenLine {
 public:
  static constexpr std::size_t kMemory = 1U << 20;

  [[nodiscard]] bool empty() const noexcept { return text_.empty() && !file_; }
  // `path`: of the file, should one be needed.
  void append(std::string_view bytes, const std::string& path);
  // The line, in its parts; it is empty afterwards.
  [[nodiscard]] std::vector<Output> take(Target target);
  void drop();

 private:
  void spool();
  std::string text_;
  std::string path_;
  UniqueFd file_;
  off_t size_ = 0;  // of the file
};

}  // namespace mtask::pool
