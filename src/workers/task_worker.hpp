#pragma once
// What a worker process of a TaskPool does: takes calls from the board and makes them, until the board is closed.

#include <cstdint>

#include "mtask/process_pool.hpp"
#include "workers/task_board.hpp"

namespace mtask::workers {

// Returns the exit status. What was printed is written out before a call's outcome is handed in.
[[nodiscard]] int work_on(TaskBoard& board, std::uint32_t worker, const detail::pool_core::Work& work);

// Writes out what the standard streams hold: before a fork, lest the child writes it again, and before _exit.
void flush_standard_streams();

}  // namespace mtask::workers
