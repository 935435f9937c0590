#include "cli/completion.hpp"

#include "base/text.hpp"
#include "cli/settings.hpp"
#include "cli/shared_options.hpp"

namespace mtask::cli {
namespace {

class CompletionAction final : public Action {
 public:
  void add_options(OptionTable& table) override { add_help_options(table); }

  Result<void> run(Context& context, std::vector<std::string> operands) override {
    if (operands.size() != 1) return Unexpected(usage_error("name one shell: bash, zsh or fish"));
    const std::string& shell = operands.front();
    if (shell == "bash") {
      context.out.write(bash_completion());
    } else if (shell == "zsh") {
      context.out.write(zsh_completion());
    } else if (shell == "fish") {
      context.out.write(fish_completion());
    } else {
      return Unexpected(
          usage_error(quote(shell) + " is none of bash, zsh, fish" + suggestion(shell, {"bash", "zsh", "fish"})));
    }
    return {};
  }
};

}  // namespace

const Page& completion_page() {
  static const Page page{
      .usage = {"bash|zsh|fish"},
      .about = "Prints a script that completes commands, options and their values.",
      .description = "Prints a script that completes commands, options and their values.\n",
      .examples = {{"complete in this bash", "source <(mtask completion bash)"},
                   {"install for zsh, in a directory of $fpath", "mtask completion zsh > ~/.zfunc/_mtask"},
                   {"install for fish", "mtask completion fish > ~/.config/fish/completions/mtask.fish"}},
      .see_also = {"mtask(1)"}};
  return page;
}

std::unique_ptr<Action> make_completion() { return std::make_unique<CompletionAction>(); }

}  // namespace mtask::cli
