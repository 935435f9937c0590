#include "pool/record.hpp"

#include <cstring>

namespace mtask::pool {
namespace {

struct Frame {
  Record record;
  std::uint32_t out;
  std::uint32_t err;
};
static_assert(std::is_trivially_copyable_v<Frame>);

}  // namespace

std::string encode(const Record& record, std::string_view out, std::string_view err, std::string_view note) {
  const Frame frame{record, static_cast<std::uint32_t>(out.size()), static_cast<std::uint32_t>(err.size())};
  std::string bytes;
  bytes.reserve(sizeof(frame) + out.size() + err.size() + note.size());
  bytes.append(reinterpret_cast<const char*>(&frame), sizeof(frame)).append(out).append(err).append(note);
  return bytes;
}

DecodedRecord decode(std::string_view bytes) {
  Frame frame{};
  std::memcpy(&frame, bytes.data(), sizeof(frame));
  bytes.remove_prefix(sizeof(frame));
  return {frame.record, bytes.substr(0, frame.out), bytes.substr(frame.out, frame.err),
          bytes.substr(frame.out + frame.err)};
}

}  // namespace mtask::pool
