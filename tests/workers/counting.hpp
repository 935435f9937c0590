#pragma once
// A range that is made as it is read, so that a test sees how far a reader has come.

#include <cstddef>
#include <iterator>

namespace mtask::test {

// first, first + 1, … up to, not including, `end`.
class Counting {
 public:
  class Iterator {
   public:
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(int at, int* read) : at_(at), read_(read) {}
    int operator*() const {
      if (read_ != nullptr) ++*read_;
      return at_;
    }
    Iterator& operator++() { return ++at_, *this; }
    void operator++(int) { ++at_; }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    int at_ = 0;
    int* read_ = nullptr;
  };

  // `read`: counts what was read; may be null.
  Counting(int first, int end, int* read = nullptr) : first_(first), end_(end), read_(read) {}
  [[nodiscard]] Iterator begin() const { return {first_, read_}; }
  [[nodiscard]] Iterator end() const { return {end_, nullptr}; }

 private:
  int first_;
  int end_;
  int* read_;
};

}  // namespace mtask::test
