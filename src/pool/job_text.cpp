#include "pool/job_text.hpp"

#include <cstring>

namespace mtask::pool {
namespace {

class Packer {
 public:
  explicit Packer(std::span<char> room) : room_(room) {}

  void number(std::uint32_t value) { put(&value, sizeof(value)); }
  void word(std::string_view text) {
    number(static_cast<std::uint32_t>(text.size()));
    put(text.data(), text.size());
    put("", 1);
  }
  [[nodiscard]] std::optional<std::uint32_t> size() const {
    if (!fits_) return std::nullopt;
    return static_cast<std::uint32_t>(used_);
  }

 private:
  void put(const void* data, std::size_t size) {
    fits_ = fits_ && size <= room_.size() - used_;
    if (!fits_) return;
    if (size > 0) std::memcpy(room_.data() + used_, data, size);
    used_ += size;
  }
  std::span<char> room_;
  std::size_t used_ = 0;
  bool fits_ = true;
};

}  // namespace

std::optional<std::uint32_t> pack(const JobSpec& job, const KeptPaths& kept, std::span<char> room) {
  Packer packer(room);
  packer.number(static_cast<std::uint32_t>(job.argv.size()));
  packer.word(job.workdir);
  packer.word(kept.out);
  packer.word(kept.err);
  for (const std::string& word : job.argv) packer.word(word);
  return packer.size();
}

JobWords::JobWords(const char* bytes) : at_(bytes + sizeof(arguments_)) {
  std::memcpy(&arguments_, bytes, sizeof(arguments_));
}

std::string_view JobWords::next() {
  std::uint32_t length = 0;
  std::memcpy(&length, at_, sizeof(length));
  const std::string_view word(at_ + sizeof(length), length);
  at_ = word.data() + length + 1;
  return word;
}

std::string with_slot(std::string_view text, std::uint32_t number) {
  std::string result;
  const std::string digits = std::to_string(number);
  for (const char c : text) {
    if (c == kSlotMark) {
      result += digits;
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace mtask::pool
