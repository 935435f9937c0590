#include "copy/reporter.hpp"

#include <algorithm>
#include <cstring>
#include <ranges>
#include <system_error>
#include <vector>

#include "base/text.hpp"
#include "copy/event_record.hpp"

namespace mtask::copy {
namespace {

std::string join(std::string_view directory, std::string_view relative) {
  std::string path(directory);
  if (relative.empty()) return path;
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(relative);
}

}  // namespace

std::string sentence(const Trouble& trouble, std::string_view path) {
  std::string text = std::string("cannot ") + trouble.doing + ' ' + quote(path) + ": ";
  return text += trouble.reason != nullptr ? trouble.reason : std::generic_category().message(trouble.error);
}

Reporter::Reporter(RunState& run, std::uint32_t worker)
    : run_(run), board_(*run.board), worker_(worker), counters_(board_.counters(worker)) {}

std::string Reporter::relative_path(DirId dir, std::string_view entry) const {
  const auto is_operand = [&](DirId id) { return board_.directory(id).parent == kNoId; };
  if (is_operand(dir)) return {};  // its one entry is the operand
  std::vector<std::string_view> parts;
  if (!entry.empty()) parts.push_back(entry);
  for (; !is_operand(board_.directory(dir).parent); dir = board_.directory(dir).parent)
    parts.push_back(board_.name(dir));
  std::string path;
  for (const std::string_view part : std::views::reverse(parts)) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

std::string Reporter::source_path(DirId dir, std::string_view entry) const {
  return join(run_.roots[board_.directory(dir).root].source_path, relative_path(dir, entry));
}

std::string Reporter::destination_path(DirId dir, std::string_view entry) const {
  return join(run_.roots[board_.directory(dir).root].destination_path, relative_path(dir, entry));
}

void Reporter::tell(Event event, bool urgent) {
  event.worker = worker_;
  event.time = std::chrono::steady_clock::now();
  run_.rings[worker_].write(encode(event), urgent);
}

void Reporter::started(DirId dir, std::string_view entry, std::uint64_t item) {
  if (run_.detail != Events::Detail::kAll) return;
  const std::string path = source_path(dir, entry);
  Event event;
  event.kind = Event::Kind::kStarted;
  event.item = item;
  event.name = path;
  tell(event);
}

void Reporter::finished(DirId dir, std::string_view entry, std::uint64_t item, std::string_view action,
                        std::uint64_t bytes) {
  count(counters_.items);
  tell_finished(dir, entry, item, action, bytes);
}

void Reporter::made_directory(DirId dir) {
  if (wants_items()) tell_finished(dir, {}, board_.new_item_number(), "mkdir", 0);
}

void Reporter::updated_directory(DirId dir) {
  count(counters_.updated);
  if (wants_items()) tell_finished(dir, {}, board_.new_item_number(), "update", 0);
}

void Reporter::backed_up(DirId dir, std::string_view entry, std::uint64_t item) {
  tell_finished(dir, entry, item, "backup", 0);
}

void Reporter::tell_finished(DirId dir, std::string_view entry, std::uint64_t item, std::string_view action,
                             std::uint64_t bytes) {
  if (!wants_items()) return;
  const std::string path = destination_path(dir, entry);
  Event event;
  event.kind = Event::Kind::kFinished;
  event.item = item;
  event.name = path;
  event.action = action;
  event.bytes = bytes;
  tell(event);
}

void Reporter::skipped(DirId dir, std::string_view entry, std::uint64_t item, std::string_view why) {
  count(counters_.items);
  count(counters_.skipped);
  if (!wants_items()) return;
  const std::string path = destination_path(dir, entry);
  Event event;
  event.kind = Event::Kind::kSkipped;
  event.item = item;
  event.name = path;
  event.action = "skip";
  event.detail = why;
  tell(event);
}

void Reporter::failed(DirId dir, std::string_view entry, std::uint64_t item, const Trouble& trouble) {
  if (trouble.error == kHalted) return;
  const bool source = trouble.side == Trouble::Side::kSource;
  const std::string path = source ? source_path(dir, entry) : destination_path(dir, entry);
  const std::string text = sentence(trouble, path);
  if (trouble.fatal()) {
    board_.halt(Halt::kOutOfSpace, text);
    return;
  }
  count(counters_.items);
  count(counters_.failed);
  Event event;
  event.kind = Event::Kind::kFailed;
  event.item = item;
  event.name = path;
  event.detail = text;
  tell(event, true);
}

void Reporter::retried(DirId dir, std::string_view entry, std::uint64_t item, std::string_view why) {
  count(counters_.retried);
  const std::string path = source_path(dir, entry);
  const std::string text = quote(path) + ": " + std::string(why);
  Event event;
  event.kind = Event::Kind::kRetried;
  event.item = item;
  event.name = path;
  event.detail = text;
  tell(event);
}

void Reporter::warn_once(Warning about, DirId dir, std::string_view entry, std::string_view what, int error) {
  if (!board_.first_warning(about)) return;
  warn("cannot " + std::string(what) + ' ' + quote(destination_path(dir, entry)) + ": " +
       std::generic_category().message(error) + " (told once; others may be concerned)");
}

void Reporter::warn(std::string_view sentence) {
  count(counters_.warnings);
  Event event;
  event.kind = Event::Kind::kWarning;
  event.detail = sentence;
  tell(event, true);
}

void Reporter::set_current(std::string_view name) noexcept {
  const std::size_t length = std::min(name.size(), sizeof(counters_.current));
  if (length > 0) std::memcpy(counters_.current, name.data(), length);
  counters_.current_length.store(static_cast<std::uint32_t>(length), std::memory_order_relaxed);
}

}  // namespace mtask::copy
