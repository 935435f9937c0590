#pragma once
// What the rows of the table make their combinators by, on top of StageArguments::take_upstream() or the streams of the
// operands.

#include "gen/stream.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

class StageArguments;

[[nodiscard]] Result<StreamPtr> make_take(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_skip(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_step(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_nth(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_shard(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_until(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_filter(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_uniq(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_sample(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_map(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_flatmap(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_format(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_label(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_enumerate(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_window(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_batch(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_tee(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_shuffle(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_sort(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_zip(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_chain(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_interleave(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_merge(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_switch(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_rate(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_delay(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_timeout(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_reduce(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_count(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_sum(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_min(StageArguments& arguments);
[[nodiscard]] Result<StreamPtr> make_max(StageArguments& arguments);

}  // namespace mtask::gen
