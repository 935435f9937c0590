#include "base/json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "base/utf8.hpp"

namespace mtask {
namespace {

void append_u(std::string& out, char32_t unit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u";
  for (unsigned shift = 16; shift > 0;) {
    shift -= 4;
    out += kHex[unit >> shift & 15];
  }
}

void append_letter(std::string& out, char32_t code) {
  switch (code) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (is_printable(code)) {
    append_utf8(out, code);
  } else if (code < 0x10000) {
    append_u(out, code);
  } else {
    append_u(out, 0xd800 + ((code - 0x10000) >> 10));
    append_u(out, 0xdc00 + ((code - 0x10000) & 0x3ff));
  }
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

}  // namespace

bool append_json_string(std::string& out, std::string_view text) {
  constexpr char32_t kReplacement = 0xfffd;
  bool valid = true;
  out += '"';
  while (!text.empty()) {
    const Utf8Letter letter = first_letter(text);
    if (letter.valid) {
      append_letter(out, letter.code);
    } else {
      append_utf8(out, kReplacement);
      valid = false;
    }
    text.remove_prefix(letter.length);
  }
  out += '"';
  return valid;
}

void JsonObject::start(std::string_view key) {
  if (!members_.empty()) members_ += ',';
  append_json_string(members_, key);
  members_ += ':';
}

JsonObject& JsonObject::add(std::string_view key, std::string_view value) {
  start(key);
  if (append_json_string(members_, value)) return *this;
  return add(std::string(key) + "_base64", std::string_view(base64(value)));
}

JsonObject& JsonObject::add(std::string_view key, const JsonObject& value) {
  start(key);
  members_ += value.str();
  return *this;
}

JsonObject& JsonObject::add(std::string_view key, const JsonArray& value) {
  start(key);
  members_ += value.str();
  return *this;
}

JsonObject& JsonObject::add_bool(std::string_view key, bool value) {
  start(key);
  members_ += value ? "true" : "false";
  return *this;
}

JsonObject& JsonObject::add_double(std::string_view key, double value) {
  start(key);
  if (std::isfinite(value)) {
    append_number(members_, value);
  } else {
    members_ += "null";
  }
  return *this;
}

JsonObject& JsonObject::add_signed(std::string_view key, std::int64_t value) {
  start(key);
  append_number(members_, value);
  return *this;
}

JsonObject& JsonObject::add_unsigned(std::string_view key, std::uint64_t value) {
  start(key);
  append_number(members_, value);
  return *this;
}

void JsonArray::start() {
  if (!elements_.empty()) elements_ += ',';
}

JsonArray& JsonArray::add(std::string_view value) {
  start();
  append_json_string(elements_, value);
  return *this;
}

JsonArray& JsonArray::add(const JsonObject& value) {
  start();
  elements_ += value.str();
  return *this;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    const std::size_t digits = bytes.size() - i >= 3 ? 4 : bytes.size() - i + 1;
    for (std::size_t k = 0; k < 4; ++k) out += k < digits ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace mtask
