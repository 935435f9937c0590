#pragma once
// Writing JSON (RFC 8259), one object a line. Keys come out in the order of the calls and are not checked for repeats.
//
// Names on Unix are bytes, JSON's strings are Unicode. A string that is not UTF-8 is written with U+FFFD in place of
// each invalid byte; as a member of an object it gets a second member beside it, its key plus "_base64", that holds
// the exact bytes. Letters a terminal would not show as themselves are written as \uXXXX.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace mtask {

// `text` as a JSON string, in its quotes. False: it isn't UTF-8.
bool append_json_string(std::string& out, std::string_view text);

class JsonArray;

class JsonObject {
 public:
  JsonObject& add(std::string_view key, std::string_view value);
  JsonObject& add(std::string_view key, const char* value) { return add(key, std::string_view(value)); }
  JsonObject& add(std::string_view key, const JsonObject& value);
  JsonObject& add(std::string_view key, const JsonArray& value);
  // Numbers are exact for integers and shortest-that-reads-back for double; infinities and NaN become null.
  template <class T>
  requires std::integral<T> || std::floating_point<T> JsonObject& add(std::string_view key, T value) {
    if constexpr (std::same_as<T, bool>) {
      return add_bool(key, value);
    } else if constexpr (std::floating_point<T>) {
      return add_double(key, static_cast<double>(value));
    } else if constexpr (std::signed_integral<T>) {
      return add_signed(key, value);
    } else {
      return add_unsigned(key, value);
    }
  }

  // On one line, without a newline at the end.
  [[nodiscard]] std::string str() const { return '{' + members_ + '}'; }

 private:
  JsonObject& add_bool(std::string_view key, bool value);
  JsonObject& add_double(std::string_view key, double value);
  JsonObject& add_signed(std::string_view key, std::int64_t value);
  JsonObject& add_unsigned(std::string_view key, std::uint64_t value);
  void start(std::string_view key);

  std::string members_;
};

class JsonArray {
 public:
  JsonArray& add(std::string_view value);
  JsonArray& add(const JsonObject& value);
  [[nodiscard]] std::string str() const { return '[' + elements_ + ']'; }

 private:
  void start();

  std::string elements_;
};

// RFC 4648, with padding.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace mtask
