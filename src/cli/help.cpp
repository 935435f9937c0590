#include "cli/help.hpp"

#include <algorithm>

#include "cli/exit_code.hpp"

namespace mtask::cli {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kTextColumn = 28;
constexpr std::size_t kShownExamples = 3;

// Appends `text` broken at spaces; the line stands at `column` already, the next ones begin at `indent`.
void wrap(std::string& into, std::string_view text, std::size_t column, std::size_t indent) {
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (!first && column + 1 + end > kColumns) {
      into += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      into += ' ';
      ++column;
    }
    into += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
    first = false;
  }
  into += '\n';
}

void add_usage(std::string& text, const Command& command) {
  std::string_view lead = "Usage: ";
  for (const std::string_view usage : command.page->usage) {
    text += std::string(lead) + full_name(command) + " " + std::string(usage) + "\n";
    lead = "       ";
  }
}

void add_options(std::string& text, const Command& command) {
  const OptionTable table = describe_options(command);
  for (const std::string_view group : groups(table)) {
    text += "\n" + std::string(group) + ":\n";
    for (const Option& row : table) {
      if (row.group != group || row.hidden) continue;
      const std::string indent = row.letters.empty() ? "    " : "";
      add_help_entry(text, indent + spelling(row), row.help);
    }
  }
}

}  // namespace

void add_help_entry(std::string& into, const std::string& term, std::string_view text) {
  into += "  " + term;
  if (term.size() + 4 > kTextColumn) {
    into += "\n" + std::string(kTextColumn, ' ');
  } else {
    into += std::string(kTextColumn - term.size() - 2, ' ');
  }
  wrap(into, text, kTextColumn, kTextColumn);
}

void add_help_text(std::string& into, std::string_view text) { wrap(into, text, 0, 0); }

std::string help(const Command& command, const std::vector<std::string>& operands) {
  if (command.part_help != nullptr) {
    if (std::string part = command.part_help(operands); !part.empty()) return part;
  }
  const Page& page = *command.page;
  std::string text = full_name(command) + " - " + std::string(command.summary) + "\n\n";
  add_usage(text, command);
  text += "\n" + std::string(page.about) + "\n";
  if (command.name.empty()) {
    text += "\nCommands:\n";
    for (const Command& row : commands()) add_help_entry(text, std::string(row.name), row.summary);
  }
  if (!page.examples.empty()) text += "\nExamples:\n";
  for (std::size_t i = 0; i < std::min(page.examples.size(), kShownExamples); ++i) {
    text += "  " + std::string(page.examples[i].command) + "\n";
    text += "      " + std::string(page.examples[i].text) + "\n";
  }
  add_options(text, command);
  text += "\nExit status:\n";
  for (const ExitMeaning& row : exit_meanings(page)) add_help_entry(text, std::string(row.code), row.meaning);
  return text;
}

}  // namespace mtask::cli
