#pragma once
// `mtask pool`.

#include <memory>

#include "cli/command.hpp"
#include "cli/page.hpp"

namespace mtask::cli {

[[nodiscard]] std::unique_ptr<Action> make_pool();
[[nodiscard]] const Page& pool_page();

}  // namespace mtask::cli
