#include "cli/help_command.hpp"

#include "cli/help.hpp"
#include "cli/shared_options.hpp"

namespace mtask::cli {
namespace {

class HelpAction final : public Action {
 public:
  void add_options(OptionTable& table) override { add_help_options(table); }

  Result<void> run(Context& context, std::vector<std::string> operands) override {
    if (operands.size() > 1) return Unexpected(usage_error("one command at a time"));
    const Command* command = operands.empty() ? &root_command() : find_command(operands.front());
    if (command == nullptr) return Unexpected(unknown_command(operands.front()));
    context.out.write(help(*command));
    return {};
  }
};

}  // namespace

const Page& help_page() {
  static const Page page{.usage = {"[COMMAND]"},
                         .about = "Prints what 'mtask COMMAND --help' prints.",
                         .description = "Prints what \\fBmtask\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR prints.\n",
                         .see_also = {"mtask(1)"}};
  return page;
}

std::unique_ptr<Action> make_help() { return std::make_unique<HelpAction>(); }

}  // namespace mtask::cli
