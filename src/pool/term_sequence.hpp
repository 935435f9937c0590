#pragma once
// Which signals end a job, and how long each is given to work (--termseq, --grace). Pure functions.

#include <string_view>
#include <utility>
#include <vector>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"

namespace mtask::pool {

// Signals in turn, each with the time to wait for the job's end after it.
using TermSequence = std::vector<std::pair<int, Milliseconds>>;

// As GNU parallel's --term-seq: "TERM,200,TERM,100,KILL,25", times in milliseconds. Signals by name, with or without
// SIG, in either case, or by number; the last time may be left out, and is 0 then.
[[nodiscard]] Result<TermSequence> parse_term_sequence(std::string_view text);

}  // namespace mtask::pool
