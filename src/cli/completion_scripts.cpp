#include "cli/completion.hpp"

namespace mtask::cli {
namespace {

using Takes = Option::Takes;
using Value = Option::Value;

std::string words_of(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : " ") + std::string(word);
  return text;
}

std::string command_names() {
  std::vector<std::string_view> names;
  for (const Command& command : commands()) names.push_back(command.name);
  return words_of(names);
}

// In single quotes of a shell.
std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

// What a shell function should do to complete an option's value.
std::string bash_value(const Option& row) {
  if (!row.choices.empty()) {
    const std::string words = shell_quoted(words_of(row.choices));
    if (row.comma_list) return "_mtask_list " + words;
    return "COMPREPLY=($(compgen -W " + words + " -- \"$cur\"))";
  }
  if (row.value == Value::kDirectory) return "_mtask_paths -d";
  if (row.value == Value::kFile) return "_mtask_paths -f";
  return "COMPREPLY=()";
}

std::string bash_command(const Command& command) {
  std::string cases;
  std::string names;
  for (const Option& row : describe_options(command)) {
    if (row.hidden) continue;
    names += (names.empty() ? "--" : " --") + std::string(row.name) + (row.takes == Takes::kValue ? "=" : "");
    if (row.takes == Takes::kNothing) continue;
    // An optional value is taken after "=" only; a separate word is no value.
    std::string patterns = "--" + std::string(row.name) + "=";
    if (row.takes == Takes::kValue) {
      patterns += "|--" + std::string(row.name);
      for (const char letter : row.letters) patterns += std::string("|-") + letter;
    }
    cases += "        " + patterns + ") " + bash_value(row) + "; return ;;\n";
  }
  std::string text = "    " + (command.name.empty() ? "*" : std::string(command.name)) + ")\n";
  text += "      case $option in\n" + cases + "      esac\n";
  text += "      words=" + shell_quoted(names) + "\n";
  if (!command.parts.empty()) text += "      parts=" + shell_quoted(words_of(command.parts)) + "\n";
  text += "      ;;\n";
  return text;
}

constexpr std::string_view kBashHead = R"(# Completion of mtask for bash; made by: mtask completion bash

_mtask_paths() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\n'
  COMPREPLY=($(compgen "$1" -- "$cur"))
}

_mtask_list() {
  local last="${cur##*,}" word
  for word in $1; do
    [[ $word == "$last"* ]] && COMPREPLY+=("${cur%"$last"}$word")
  done
  compopt -o nospace 2>/dev/null
}

_mtask() {
  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" option words parts=
  COMPREPLY=()
  if [[ $cur == "=" ]]; then
    option="$prev=" cur=""
  elif [[ $prev == "=" && $COMP_CWORD -gt 2 ]]; then
    option="${COMP_WORDS[COMP_CWORD-2]}="
  else
    option=$prev
  fi
)";

constexpr std::string_view kBashTail = R"(  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
  else
    # A part begins what follows the command's name or a separator; files may stand anywhere.
    [[ $COMP_CWORD -eq 2 || $prev == : ]] && COMPREPLY=($(compgen -W "$parts" -- "$cur"))
    [[ ${#COMPREPLY[@]} -gt 0 ]] || _mtask_paths -f
  fi
}

complete -F _mtask mtask
)";

// "[", "]" and ":" have a meaning in _arguments' specs.
std::string zsh_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string zsh_action(const Option& row) {
  const std::string words = words_of(row.choices);
  if (row.comma_list) return "_values -s , " + std::string(row.name) + " " + words;
  if (!row.choices.empty()) return "(" + words + ")";
  if (row.value == Value::kDirectory) return "_files -/";
  if (row.value == Value::kFile) return "_files";
  return " ";
}

std::string zsh_option(const Option& row) {
  std::string text;
  std::string value;
  if (row.takes != Takes::kNothing) {
    value = std::string(row.takes == Takes::kOptionalValue ? "::" : ":") + std::string(row.placeholder) + ":" +
            zsh_action(row);
  }
  const std::string after = row.takes == Takes::kNothing ? "" : row.takes == Takes::kValue ? "=" : "=-";
  std::vector<std::string> names = {"--" + std::string(row.name) + after};
  for (const char letter : row.letters) {
    names.push_back(std::string("-") + letter + (row.takes == Takes::kValue ? "+" : ""));
  }
  for (const std::string& name : names) {
    const bool short_optional = row.takes == Takes::kOptionalValue && !name.starts_with("--");
    const std::string spec = "*" + name + "[" + zsh_text(row.help) + "]" + (short_optional ? "" : value);
    text += " \\\n        " + shell_quoted(spec);
  }
  return text;
}

std::string fish_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string fish_option(const Command& command, const Option& row) {
  std::string text = "complete -c mtask -n ";
  text += command.name.empty() ? "__fish_use_subcommand"
                               : "'__fish_seen_subcommand_from " + std::string(command.name) + "'";
  text += " -l " + std::string(row.name);
  for (const char letter : row.letters) text += std::string(" -s ") + letter;
  const bool files = row.value == Value::kFile || row.value == Value::kDirectory;
  // An optional value must not swallow the next word, so fish is told of it as of a switch.
  if (row.takes == Takes::kValue) text += files ? " -r" : " -x";
  if (row.takes == Takes::kValue && row.value == Value::kDirectory) text += " -a '(__fish_complete_directories)'";
  if (!row.choices.empty()) text += " -a " + fish_quoted(words_of(row.choices));
  return text + " -d " + fish_quoted(row.help) + "\n";
}

}  // namespace

std::string bash_completion() {
  std::string text(kBashHead);
  text += "  if [[ $COMP_CWORD -eq 1 && $cur != -* ]]; then\n";
  text += "    COMPREPLY=($(compgen -W " + shell_quoted(command_names()) + " -- \"$cur\"))\n    return\n  fi\n";
  text += "  if [[ $COMP_CWORD -eq 2 && ${COMP_WORDS[1]} == help ]]; then\n";
  text += "    COMPREPLY=($(compgen -W " + shell_quoted(command_names()) + " -- \"$cur\"))\n    return\n  fi\n";
  text += "  if [[ $COMP_CWORD -eq 2 && ${COMP_WORDS[1]} == completion && $cur != -* ]]; then\n";
  text += "    COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$cur\"))\n    return\n  fi\n";
  text += "  case ${COMP_WORDS[1]} in\n";
  for (const Command& command : commands()) text += bash_command(command);
  text += bash_command(root_command());
  return text + std::string(kBashTail);
}

std::string zsh_completion() {
  std::string text = "#compdef mtask\n# Completion of mtask for zsh; made by: mtask completion zsh\n\n_mtask() {\n";
  text += "  local -a commands\n  commands=(\n";
  for (const Command& command : commands()) {
    text += "    " + shell_quoted(std::string(command.name) + ":" + zsh_text(command.summary)) + "\n";
  }
  text +=
      "  )\n  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n    _describe command commands\n    return\n  fi\n";
  text += "  case $words[2] in\n";
  for (const Command& command : commands()) {
    text += "    " + std::string(command.name) + ")\n      (( CURRENT-- ))\n      shift words\n      _arguments -s -S";
    for (const Option& row : describe_options(command)) {
      if (!row.hidden) text += zsh_option(row);
    }
    const std::string operands = command.name == "completion" ? "*:shell:(bash zsh fish)"
                                 : command.name == "help"     ? "*:command:(${commands%%:*})"
                                 : command.parts.empty()      ? "*:file:_files"
                                                         : "*: :_alternative \"parts:part:(" + words_of(command.parts) +
                                                               ")\" \"files:file:_files\"";
    text += " \\\n        " + shell_quoted(operands) + "\n      ;;\n";
  }
  text += "    *)\n      _arguments";
  for (const Option& row : describe_options(root_command())) {
    if (!row.hidden) text += zsh_option(row);
  }
  return text + "\n      ;;\n  esac\n}\n\n_mtask \"$@\"\n";
}

std::string fish_completion() {
  std::string text = "# Completion of mtask for fish; made by: mtask completion fish\n\n";
  for (const Command& command : commands()) {
    text += "complete -c mtask -n __fish_use_subcommand -f -a " + std::string(command.name) + " -d " +
            fish_quoted(command.summary) + "\n";
  }
  text += "complete -c mtask -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";
  text += "complete -c mtask -n '__fish_seen_subcommand_from help' -f -a " + fish_quoted(command_names()) + "\n";
  for (const Option& row : describe_options(root_command())) {
    if (!row.hidden) text += fish_option(root_command(), row);
  }
  for (const Command& command : commands()) {
    if (!command.parts.empty()) {
      text += "complete -c mtask -n '__fish_seen_subcommand_from " + std::string(command.name) + "' -a " +
              fish_quoted(words_of(command.parts)) + "\n";
    }
    for (const Option& row : describe_options(command)) {
      if (!row.hidden) text += fish_option(command, row);
    }
  }
  return text;
}

}  // namespace mtask::cli
