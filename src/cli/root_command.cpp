#include "cli/root_command.hpp"

#include "cli/shared_options.hpp"
#include "cli/version.hpp"

namespace mtask::cli {
namespace {

class RootAction final : public Action {
 public:
  void add_options(OptionTable& table) override {
    table.push_back({.name = "version",
                     .letters = "V",
                     .group = kGeneralGroup,
                     .help = "Print version, commit and the libraries it is made with",
                     .command_line_only = true,
                     .set = set_flag(version_)});
    add_help_options(table);
  }

  Result<void> run(Context& context, std::vector<std::string> operands) override {
    if (!operands.empty()) return Unexpected(usage_error("options of a command follow its name; see 'mtask --help'"));
    if (version_) context.out.write(version_text());
    return {};
  }

 private:
  bool version_ = false;
};

}  // namespace

std::unique_ptr<Action> make_root() { return std::make_unique<RootAction>(); }

}  // namespace mtask::cli
