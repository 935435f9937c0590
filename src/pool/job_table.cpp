#include "pool/job_table.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "os/syscall.hpp"

namespace mtask::pool {
namespace {

constexpr std::size_t kKeptPages = 16U << 10;
constexpr std::uint64_t kKeptBlock = 4U << 20;
constexpr std::chrono::nanoseconds kIdle = std::chrono::milliseconds(250);

// Enough that the supervisor is woken once for many silent jobs; few where each may hold a block.
std::uint32_t capacity_for(std::uint32_t workers, bool blocks) {
  return blocks ? 2 * workers + 2 : std::clamp<std::uint32_t>(8 * workers, 512, 4096);
}

}  // namespace

Result<std::unique_ptr<JobTable>> JobTable::create(std::uint32_t workers, bool blocks, int wake_fd) {
  const std::uint32_t capacity = capacity_for(workers, blocks);
  auto shared = os::SharedRegion::map(JobQueue::room(capacity) + os::SharedRegion::room<Controls>(1) +
                                      os::SharedRegion::room<Cell>(workers) + workers * workers::EventRing::room());
  if (!shared) return Unexpected(std::move(shared).error());
  auto texts = os::SharedRegion::map(os::SharedRegion::room<char>(capacity * kStride));
  if (!texts) return Unexpected(std::move(texts).error());
  std::unique_ptr<JobTable> table(new JobTable(*std::move(shared), *std::move(texts), wake_fd));
  table->queue_.emplace(table->shared_, capacity);
  table->controls_ = table->shared_.carve<Controls>(1);
  table->cells_ = table->shared_.carve<Cell>(workers);
  table->texts_ = table->texts_region_.carve<char>(capacity * kStride);
  for (std::uint32_t i = 0; i < workers; ++i) table->rings_.emplace_back(table->shared_, wake_fd);
  for (std::uint32_t i = 0; blocks && i < capacity; ++i) {
    UniqueFd fd(::memfd_create("mtask-block", MFD_CLOEXEC));
    if (!fd) return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot create a file in memory"));
    table->blocks_.push_back(std::move(fd));
  }
  return table;
}

void JobTable::forget_texts(SlotId slot, std::size_t bytes) noexcept {
  if (bytes <= kKeptPages) return;
  const auto page = static_cast<std::uintptr_t>(::getpagesize());
  const auto start = reinterpret_cast<std::uintptr_t>(texts_ + kStride * slot);
  const std::uintptr_t from = (start + kKeptPages + page - 1) / page * page;
  const std::uintptr_t to = (start + kStride) / page * page;
  ::madvise(reinterpret_cast<void*>(from), to - from, MADV_REMOVE);
}

void JobTable::forget_block(SlotId slot, std::uint64_t bytes) noexcept {
  // Pages of the usual sizes are worth keeping for the next block.
  if (bytes > kKeptBlock) static_cast<void>(::ftruncate(block(slot), 0));
}

std::optional<SlotId> JobTable::take(std::uint32_t worker, const Pace& pace, const std::function<bool()>& go_on) {
  bool waited = false;
  bool told = false;
  for (;;) {
    std::uint32_t ticket = 0;
    std::chrono::nanoseconds patience = kIdle;
    bool low = false;
    std::optional<SlotId> slot;
    {
      Guard guard(*this);
      if (waited) queue_->woke(guard);
      const bool welcome = controls_->closed == 0 && worker < controls_->wanted;
      if (!welcome) return std::nullopt;
      const std::uint32_t ready = queue_->ready(guard);
      if (ready > 0 && controls_->held == 0) {
        auto rest = std::chrono::nanoseconds(0);
        if (pace.limits()) rest = pace.wait_for(controls_->pace, std::chrono::steady_clock::now());
        if (rest.count() == 0) slot = queue_->lease(guard, worker);
        patience = rest.count() > 0 ? std::min(patience, rest) : patience;
      }
      if (slot && ready - 1 <= controls_->low_mark && controls_->low_mark > 0) {
        controls_->low_mark = 0;
        low = true;
      }
      if (!slot) ticket = queue_->about_to_wait(guard);
      low = low || (ready == 0 && !told);
    }
    if (low) wake_supervisor();
    if (slot) return slot;
    told = true;
    queue_->wait(ticket, patience);
    waited = true;
    if (!go_on()) return std::nullopt;
  }
}

void JobTable::wake_supervisor() const noexcept {
  const std::uint64_t one = 1;
  // A full counter (EAGAIN) wakes it as well.
  static_cast<void>(os::retry([&] { return ::write(wake_fd_, &one, sizeof(one)); }));
}

}  // namespace mtask::pool
