#pragma once
// `mtask gen`.

#include <memory>

#include "cli/command.hpp"
#include "cli/page.hpp"

namespace mtask::cli {

[[nodiscard]] std::unique_ptr<Action> make_gen();
[[nodiscard]] const Page& gen_page();

// Options may stand among the stages' words. Brings those that are the command's, not their stage's, to the front.
[[nodiscard]] std::vector<std::string> arrange_gen(const OptionTable& table, const std::vector<std::string>& arguments);

}  // namespace mtask::cli
