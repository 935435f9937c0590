#include "mtask/process_pool.hpp"

#include <algorithm>

#include "os/cpus.hpp"
#include "workers/task_pool.hpp"

namespace mtask::detail {

pool_core::pool_core(Work work, const process_pool_options& options, std::size_t max_argument, std::size_t max_result) {
  workers::TaskPool::Shape shape{};
  shape.workers = options.workers == 0 ? os::usable_cpus() : options.workers;
  shape.crash_limit = std::max(options.crash_limit, 1U);
  shape.board = {std::max(options.in_flight, shape.workers), max_argument, max_result};
  pool_ = std::make_unique<workers::TaskPool>(std::move(work), shape);
}
pool_core::~pool_core() = default;
pool_core::pool_core(pool_core&&) noexcept = default;
pool_core& pool_core::operator=(pool_core&&) noexcept = default;

Result<void> pool_core::run(const Next& next, const Take& take) { return pool_->run(next, take); }
Result<void> pool_core::finish() { return pool_->finish(); }
unsigned pool_core::workers() const noexcept { return pool_->running(); }
std::uint64_t pool_core::worker_deaths() const noexcept { return pool_->deaths(); }

}  // namespace mtask::detail
