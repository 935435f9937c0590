#pragma once
// What the rows of the table make their sources by. Each reads its arguments and touches nothing else.

#include "gen/stream.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

class StageArguments;

[[nodiscard]] Result<StreamPtr> make_range(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_fib(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_iterate(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_primes(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_rand(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_product(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_perms(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_combs(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_powerset(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_words(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_lines(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_csv(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_walk(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_repeat(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_cycle(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_date(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_tick(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_cron(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_cmd(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_tcp(StageArguments& arguments);

}  // namespace mtask::gen
