#pragma once
// Sets of bytes, as the classes of a regular expression name them. ASCII only, whatever the locale.

#include <bitset>
#include <optional>
#include <string_view>

namespace mtask::pool {

using ByteSet = std::bitset<256>;

[[nodiscard]] ByteSet byte_set_of(unsigned char c);
// Of \d \w \s \D \W \S, by their letter; none for another one.
[[nodiscard]] std::optional<ByteSet> class_of_escape(char c);
// Of [:alpha:] and its like, by their name; none for an unknown one.
[[nodiscard]] std::optional<ByteSet> named_class(std::string_view name);

}  // namespace mtask::pool
