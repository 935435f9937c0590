#pragma once
// Names and values as components of paths, and their order, for results_layout.hpp, which has the rules. Pure
// functions.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mtask::pool {

// One component: no '/' in it, at most 255 bytes, neither "." nor "..". Different texts have different components (of
// those that are cut, with the certainty of a hash of 64 bits). An empty text stays empty.
[[nodiscard]] std::string results_name(std::string_view text);

// Indexes of `values` (name and value) in the order of their folders. Where a name comes again, as with several values
// of one source in a job, a new group begins; each group is sorted by itself.
[[nodiscard]] std::vector<std::size_t> results_order(const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace mtask::pool
