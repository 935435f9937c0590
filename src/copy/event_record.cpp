#include "copy/event_record.hpp"

#include <cstdint>
#include <cstring>

namespace mtask::copy {
namespace {

struct Head {
  std::int64_t time;
  std::uint64_t item;
  std::uint64_t bytes;
  std::uint32_t worker;
  std::uint32_t name;
  std::uint32_t action;
  std::uint32_t detail;
  Event::Kind kind;
};

// Long names are cut so that the record fits its ring.
constexpr std::size_t kLongest = 5000;

}  // namespace

std::string encode(const Event& event) {
  const std::string_view name = event.name.substr(0, kLongest);
  const std::string_view detail = event.detail.substr(0, 2 * kLongest);
  const Head head{event.time.time_since_epoch().count(),
                  event.item,
                  event.bytes,
                  event.worker,
                  static_cast<std::uint32_t>(name.size()),
                  static_cast<std::uint32_t>(event.action.size()),
                  static_cast<std::uint32_t>(detail.size()),
                  event.kind};
  std::string record(sizeof(head), '\0');
  std::memcpy(record.data(), &head, sizeof(head));
  record.append(name).append(event.action).append(detail);
  return record;
}

Event decode(std::string_view record) {
  Head head;
  std::memcpy(&head, record.data(), sizeof(head));
  record.remove_prefix(sizeof(head));
  Event event;
  event.kind = head.kind;
  event.worker = head.worker;
  event.item = head.item;
  event.bytes = head.bytes;
  event.time = MonotonicTime(MonotonicTime::duration(head.time));
  event.name = record.substr(0, head.name);
  event.action = record.substr(head.name, head.action);
  event.detail = record.substr(head.name + head.action, head.detail);
  return event;
}

}  // namespace mtask::copy
