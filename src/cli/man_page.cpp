#include "cli/man_page.hpp"

#include "cli/exit_code.hpp"
#include "mtask_version.hpp"

namespace mtask::cli {
namespace {

std::string page_name(const Command& command) {
  return command.name.empty() ? "mtask" : "mtask-" + std::string(command.name);
}

void add_head(std::string& text, const Command& command) {
  std::string title = page_name(command);
  for (char& c : title) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  text += ".TH " + title + " 1 \"\" \"mtask " + std::string(kVersion) + "\" \"mtask manual\"\n";
  text += ".SH NAME\n" + roff(page_name(command)) + " \\- " + roff(command.summary) + "\n";
  text += ".SH SYNOPSIS\n.nf\n";
  for (const std::string_view usage : command.page->usage) {
    text += "\\fB" + roff(full_name(command)) + "\\fR " + roff(usage) + "\n";
  }
  text += ".fi\n.SH DESCRIPTION\n" + std::string(command.page->description);
}

std::string term(const Option& row) {
  std::string text = "\\fB";
  for (const char letter : row.letters) text += std::string("\\-") + letter + "\\fR, \\fB";
  text += "\\-\\-" + roff(row.name) + "\\fR";
  if (row.takes == Option::Takes::kValue) text += "=\\fI" + roff(row.placeholder) + "\\fR";
  if (row.takes == Option::Takes::kOptionalValue) text += "[=\\fI" + roff(row.placeholder) + "\\fR]";
  return text;
}

// "Also --lb, --linebuffer."
std::string other_names(const OptionTable& table, const Option& row) {
  std::string text;
  for (const Option& other : table) {
    if (other.alias_of == row.name)
      text += (text.empty() ? "Also \\fB\\-\\-" : ", \\fB\\-\\-") + roff(other.name) + "\\fR";
  }
  return text.empty() ? text : text + ".\n";
}

void add_options(std::string& text, const Command& command) {
  const OptionTable table = describe_options(command);
  if (table.empty()) return;
  text += ".SH OPTIONS\n";
  const auto headings = groups(table);
  for (const std::string_view group : headings) {
    if (headings.size() > 1) text += ".SS " + roff(group) + "\n";
    for (const Option& row : table) {
      if (row.group != group || row.hidden) continue;
      text += ".TP\n" + term(row) + "\n" + roff(row.help) + ".\n";
      if (!row.man.empty()) text += roff(row.man) + "\n";
      text += other_names(table, row);
    }
  }
}

void add_examples(std::string& text, const Page& page) {
  if (page.examples.empty()) return;
  text += ".SH EXAMPLES\n";
  for (const Example& example : page.examples) {
    text += roff(example.text) + ":\n.PP\n.nf\n.RS 4\n" + roff(example.command) + "\n.RE\n.fi\n.PP\n";
  }
}

void add_exit_status(std::string& text, const Page& page) {
  text += ".SH EXIT STATUS\n";
  for (const ExitMeaning& row : exit_meanings(page)) {
    text += ".TP\n\\fB" + roff(row.code) + "\\fR\n" + roff(row.meaning) + ".\n";
  }
}

void add_see_also(std::string& text, const Page& page) {
  text += ".SH SEE ALSO\n";
  for (std::size_t i = 0; i < page.see_also.size(); ++i) {
    const std::string_view name = page.see_also[i];
    const std::size_t bracket = name.find('(');
    text += ".BR " + roff(name.substr(0, bracket)) + " " + std::string(name.substr(bracket));
    text += i + 1 < page.see_also.size() ? ",\n" : "\n";
  }
}

}  // namespace

std::string roff(std::string_view text) {
  std::string escaped;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else if (c == '\'') {
      escaped += "\\(aq";
    } else if (c == '~') {
      escaped += "\\(ti";
    } else {
      escaped += c;
    }
    line_begins = c == '\n';
  }
  return escaped;
}

std::string man_page(const Command& command) {
  const Page& page = *command.page;
  std::string text = ".\\\" Made by: " + full_name(command) + " --help-man\n";
  add_head(text, command);
  if (command.name.empty()) {
    text += ".SH COMMANDS\n";
    for (const Command& row : commands()) {
      text += ".TP\n\\fB" + roff(row.name) + "\\fR\n" + roff(row.summary) + ".\n";
    }
  }
  add_options(text, command);
  for (const Section& section : page.sections) text += ".SH " + roff(section.title) + "\n" + std::string(section.body);
  add_exit_status(text, page);
  add_examples(text, page);
  add_see_also(text, page);
  return text;
}

}  // namespace mtask::cli
