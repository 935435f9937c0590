#include "cli/help_command.hpp"

#include "base/text.hpp"
#include "cli/help.hpp"
#include "cli/shared_options.hpp"

namespace mtask::cli {
namespace {

class HelpAction final : public Action {
 public:
  void add_options(OptionTable& table) override { add_help_options(table); }

  Result<void> run(Context& context, std::vector<std::string> operands) override {
    const Command* command = operands.empty() ? &root_command() : find_command(operands.front());
    if (command == nullptr) return Unexpected(unknown_command(operands.front()));
    if (!operands.empty()) operands.erase(operands.begin());
    if (operands.size() > (command->part_help != nullptr ? 1U : 0U)) {
      return Unexpected(usage_error("one command at a time"));
    }
    if (!operands.empty() && command->part_help(operands).empty()) {
      return Unexpected(usage_error(quote(operands.front()) + " is no part of " + full_name(*command)));
    }
    context.out.write(help(*command, operands));
    return {};
  }
};

}  // namespace

const Page& help_page() {
  static const Page page{.usage = {"[COMMAND [STAGE]]"},
                         .about = "Prints what 'mtask COMMAND --help' prints; of 'gen', also the help of a stage.",
                         .description =
                             "Prints what \\fBmtask\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR prints; of \\fBgen\\fR, "
                             "also the help of a stage.\n",
                         .see_also = {"mtask(1)"}};
  return page;
}

std::unique_ptr<Action> make_help() { return std::make_unique<HelpAction>(); }

}  // namespace mtask::cli
