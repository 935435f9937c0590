#pragma once
// How values become bytes that another process of the same program can read: what shared_queue and process_pool carry.
//
// Carried are trivially copyable types, std::string, and std::vector, std::array, std::pair, std::tuple and
// std::optional of what is carried. Pointers and views are refused where they can be seen, because what they point to
// stays behind; a struct that hides one is not noticed. A program's own type joins by a specialisation:
//
//   template <> struct mtask::codec<person> {
//     static void encode(const person& p, mtask::encoder& out) { out.value(p.name); out.value(p.age); }
//     static person decode(mtask::decoder& in) { auto name = in.value<std::string>(); return {name, in.value<int>()}; }
//   };
//
// The bytes are for processes of one program at one time: no versions, the machine's own byte order.
// decode() of bytes that no encode() of the type made throws std::out_of_range, or gives some value.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace mtask {

// Specialise it with encode() and decode() as above; optionally `static constexpr std::size_t kSize`, when all values
// take that many bytes.
template <class T>
struct codec;

// Appends to a vector, which it doesn't own.
class encoder {
 public:
  explicit encoder(std::vector<std::byte>& out) : out_(&out) {}

  template <class T>
  void value(const T& value) {
    codec<T>::encode(value, *this);
  }
  void bytes(const void* data, std::size_t size) {
    if (size == 0) return;  // memcpy takes no null pointer
    const std::size_t before = out_->size();
    out_->resize(before + size);
    std::memcpy(out_->data() + before, data, size);
  }

 private:
  std::vector<std::byte>* out_;
};

// Reads from memory that it doesn't own.
class decoder {
 public:
  explicit decoder(std::span<const std::byte> in) : in_(in) {}

  template <class T>
  [[nodiscard]] T value() {
    return codec<T>::decode(*this);
  }
  // The next `size` bytes.
  [[nodiscard]] std::span<const std::byte> take(std::size_t size) {
    if (size > in_.size()) throw std::out_of_range("an encoded value ends too early");
    const auto taken = in_.first(size);
    in_ = in_.subspan(size);
    return taken;
  }
  [[nodiscard]] std::size_t left() const noexcept { return in_.size(); }

 private:
  std::span<const std::byte> in_;
};

template <class T>
concept encodable = std::is_same_v<T, std::remove_cvref_t<T>> && requires(const T& value, encoder& out, decoder& in) {
  codec<T>::encode(value, out);
  { codec<T>::decode(in) } -> std::same_as<T>;
};

// The largest number of bytes that a T takes: its fixed size, else `otherwise`.
template <class T>
constexpr std::size_t most_bytes(std::size_t otherwise) {
  if constexpr (requires { codec<T>::kSize; }) {
    return codec<T>::kSize;
  } else {
    return otherwise;
  }
}

namespace detail {

template <class T>
concept plain = std::is_trivially_copyable_v<T> && !std::is_pointer_v<T> && !std::is_member_pointer_v<T> &&
                !std::is_null_pointer_v<T>;

template <class T>
concept copied_plainly = plain<T> && requires {
  codec<T>::kIsPlain;
};

template <class... Ts>
struct sequence_size {};
template <class... Ts>
requires(requires { codec<Ts>::kSize; } && ...) struct sequence_size<Ts...> {
  static constexpr std::size_t kSize = (std::size_t{0} + ... + codec<Ts>::kSize);
};

template <class... Ts>
struct sequence_codec : sequence_size<Ts...> {
  template <class Sequence>
  static void encode(const Sequence& sequence, encoder& out) {
    std::apply([&](const Ts&... parts) { (out.value(parts), ...); }, sequence);
  }
};

inline void encode_length(std::size_t length, encoder& out) { out.value(static_cast<std::uint64_t>(length)); }
inline std::size_t decode_length(decoder& in) { return static_cast<std::size_t>(in.value<std::uint64_t>()); }

}  // namespace detail

template <detail::plain T>
struct codec<T> {
  static constexpr std::size_t kSize = sizeof(T);
  static constexpr bool kIsPlain = true;
  static void encode(const T& value, encoder& out) { out.bytes(&value, sizeof(T)); }
  static T decode(decoder& in) {
    std::array<std::byte, sizeof(T)> raw;
    std::memcpy(raw.data(), in.take(sizeof(T)).data(), sizeof(T));
    return std::bit_cast<T>(raw);
  }
};

// Trivially copyable, and of no use elsewhere.
template <class Char, class Traits>
struct codec<std::basic_string_view<Char, Traits>>;
template <class T, std::size_t Extent>
struct codec<std::span<T, Extent>>;

template <>
struct codec<std::string> {
  static void encode(const std::string& text, encoder& out) {
    detail::encode_length(text.size(), out);
    out.bytes(text.data(), text.size());
  }
  static std::string decode(decoder& in) {
    const auto bytes = in.take(detail::decode_length(in));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

template <encodable T>
struct codec<std::vector<T>> {
  static constexpr bool kAtOnce = detail::copied_plainly<T> && !std::is_same_v<T, bool>;

  static void encode(const std::vector<T>& values, encoder& out) {
    detail::encode_length(values.size(), out);
    if constexpr (kAtOnce) {
      out.bytes(values.data(), values.size() * sizeof(T));
    } else {
      for (const T& value : values) out.value(value);
    }
  }
  static std::vector<T> decode(decoder& in) {
    const std::size_t length = detail::decode_length(in);
    std::vector<T> values;
    values.reserve(std::min(length, in.left()));
    for (std::size_t i = 0; i < length; ++i) values.push_back(in.value<T>());
    return values;
  }
};

template <encodable T, std::size_t Count>
requires(!detail::plain<std::array<T, Count>>) struct codec<std::array<T, Count>> {
  static void encode(const std::array<T, Count>& values, encoder& out) {
    for (const T& value : values) out.value(value);
  }
  static std::array<T, Count> decode(decoder& in) {
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      return std::array<T, Count>{(static_cast<void>(Index), in.value<T>())...};
    }
    (std::make_index_sequence<Count>());
  }
};

template <encodable First, encodable Second>
struct codec<std::pair<First, Second>> : detail::sequence_codec<First, Second> {
  static std::pair<First, Second> decode(decoder& in) {
    return std::pair<First, Second>{in.value<First>(), in.value<Second>()};  // braces: from left to right
  }
};

template <encodable... Ts>
struct codec<std::tuple<Ts...>> : detail::sequence_codec<Ts...> {
  static std::tuple<Ts...> decode([[maybe_unused]] decoder& in) { return std::tuple<Ts...>{in.value<Ts>()...}; }
};

template <encodable T>
struct codec<std::optional<T>> {
  static void encode(const std::optional<T>& value, encoder& out) {
    out.value(value.has_value());
    if (value) out.value(*value);
  }
  static std::optional<T> decode(decoder& in) {
    if (!in.value<bool>()) return std::nullopt;
    return in.value<T>();
  }
};

}  // namespace mtask
