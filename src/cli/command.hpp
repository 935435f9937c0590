#pragma once
// The table of commands, and what a command is to the code that dispatches it.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "cli/option.hpp"
#include "cli/page.hpp"
#include "mtask/result.hpp"

namespace mtask::cli {

// One use of a command: its options are written into it, then it runs, once.
class Action {
 public:
  virtual ~Action() = default;

  // Appends the command's rows; their setters write into this object.
  virtual void add_options(OptionTable& table) = 0;

  // Does it. An error with an empty context was told already and only sets the exit code.
  [[nodiscard]] virtual Result<void> run(Context& context, std::vector<std::string> operands) = 0;
};

// A row of the table.
struct Command {
  std::string_view name;
  std::string_view summary;  // one line, for `mtask --help` and the manual's NAME
  const Page* page = nullptr;
  std::unique_ptr<Action> (*make)() = nullptr;
  // The first operand ends the options: what follows belongs to another program.
  bool options_first = false;
  // Puts the arguments into another order before they are read; null: they stay.
  std::vector<std::string> (*arrange)(const OptionTable& table, const std::vector<std::string>& arguments) = nullptr;
  std::vector<std::string_view> parts{};  // words that its operands may be, for completion
  // The help of a part of the command that the operands name; empty where they name none.
  std::string (*part_help)(const std::vector<std::string>& operands) = nullptr;
};

[[nodiscard]] const std::vector<Command>& commands();
[[nodiscard]] const Command* find_command(std::string_view name);

// What runs when the first argument is an option: `mtask --version`. Not part of commands(); its name is empty.
[[nodiscard]] const Command& root_command();

// The command's options, in a table whose setters must not be called.
[[nodiscard]] OptionTable describe_options(const Command& command);

// "mtask copy", or "mtask" for the root.
[[nodiscard]] std::string full_name(const Command& command);

// The refusal of a word that is no command, with the nearest one that is.
[[nodiscard]] Error unknown_command(std::string_view word);

}  // namespace mtask::cli
