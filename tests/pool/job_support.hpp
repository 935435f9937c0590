#pragma once
// Short ways to get the jobs of a Config in tests. All throw std::runtime_error where an input is refused.

#include <string>
#include <string_view>
#include <vector>

#include "mtask/pool.hpp"
#include "pool/job.hpp"

namespace mtask::test {

// What parallel's options of these names would give: -n -N -L -s -E -I -j with a value, -X -m -r -q -0 --plus --link
// --header --colsep --trim --tagstring --tag, and after --pipe --block --recstart --recend --regexp --rrs; then the
// command and ::: groups. `shell`: run by a shell.
[[nodiscard]] pool::Config config_of(std::vector<std::string> arguments, bool shell);

// All jobs, standard input being an anonymous file with `input`.
[[nodiscard]] std::vector<pool::JobSpec> jobs_of(const pool::Config& config, std::string_view input = {});
// Why there is no next job, or no source; empty when all jobs came.
[[nodiscard]] std::string refusal_of(const pool::Config& config, std::string_view input = {});

[[nodiscard]] std::vector<std::string> shown(const std::vector<pool::JobSpec>& jobs);

}  // namespace mtask::test
