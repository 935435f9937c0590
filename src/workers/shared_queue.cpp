#include "mtask/shared_queue.hpp"

#include "workers/byte_queue.hpp"

namespace mtask::detail {

queue_core::queue_core(std::size_t capacity, std::size_t max_item_bytes)
    : queue_(std::make_unique<workers::ByteQueue>(capacity, max_item_bytes)) {}
queue_core::~queue_core() = default;

Result<bool> queue_core::push(std::span<const std::byte> item, bool wait) { return queue_->push(item, wait); }
Result<bool> queue_core::pop(std::vector<std::byte>& item) { return queue_->pop(item); }
Result<std::optional<queue_lease>> queue_core::lease(std::vector<std::byte>& item) { return queue_->lease(item); }
Result<void> queue_core::done(const queue_lease& lease) { return queue_->done(lease); }
void queue_core::give_back(const queue_lease& lease) { queue_->give_back(lease); }
void queue_core::close() { queue_->close(); }
bool queue_core::closed() const { return queue_->closed(); }

}  // namespace mtask::detail
