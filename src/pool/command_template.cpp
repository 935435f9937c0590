#include "pool/command_template.hpp"

#include <algorithm>
#include <utility>

#include "pool/shell_quote.hpp"

namespace mtask::pool {
namespace {

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '/' || c == '-';
}

// {name} or {name/.}: not a brace of the shell's.
std::size_t header_name_length(std::string_view text) {
  const std::size_t end = text.find('}');
  if (end == std::string_view::npos || end < 2 || text.find("..") < end) return 0;
  return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(end), in_name) ? end + 1 : 0;
}

// The name of the command is a value: its first word is one placeholder, and nothing else. A value that is only a part
// of the name must not bring shell syntax along.
bool names_command(const std::vector<Pieces>& words) {
  if (words.empty() || words.front().empty()) return false;
  const Pieces& first = words.front();
  if (!first[0].placeholder || !first[0].placeholder->of_value()) return false;
  return first.size() == 1 || first[1].literal.find_first_of(" \t\n;|&<>()") == 0;
}

Result<std::vector<Pieces>> parse_words(const std::vector<std::string>& words, const PlaceholderSyntax& syntax) {
  std::vector<Pieces> parsed;
  for (const std::string& word : words) {
    if (word.find('\0') != std::string::npos)
      return Unexpected(usage_error("a word of the command holds a NUL byte, which no argument can"));
    Result<Pieces> pieces = parse_pieces(word, syntax);
    if (!pieces) return Unexpected(std::move(pieces).error());
    parsed.push_back(*std::move(pieces));
  }
  return parsed;
}

Result<std::optional<TextTemplate>> parse_text(const std::optional<std::string>& text, const PlaceholderSyntax& syntax,
                                               bool context) {
  if (!text) return std::optional<TextTemplate>();
  Result<std::vector<Pieces>> words = parse_words({*text}, syntax);
  if (!words) return Unexpected(std::move(words).error());
  return std::optional(TextTemplate::of_text(*words, context, false));
}

bool uses_total(const Pieces& pieces) {
  return std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) {
    return piece.placeholder && (piece.placeholder->op == Placeholder::Op::kTotal ||
                                 piece.placeholder->op == Placeholder::Op::kPaddedSequence);
  });
}

}  // namespace

bool wants_shell(const std::vector<std::string>& words) {
  if (words.size() != 1) return words.empty();
  const PlaceholderSyntax syntax{"{}", true, {}};
  for (std::string_view rest = words.front(); !rest.empty();) {
    const Result<std::optional<PlaceholderSyntax::Found>> found = syntax.at_start(rest);
    if (!found) return false;  // to be refused later
    if (*found) {
      if ((*found)->placeholder.of_value()) return true;
      rest.remove_prefix((*found)->length);
    } else if (rest.front() == '{' && header_name_length(rest) != 0) {
      return true;
    } else {
      constexpr std::string_view kSyntax = " \t\n|&;<>()$`\\\"'*?[]#~=%!{}";
      if (kSyntax.find(rest.front()) != std::string_view::npos) return true;
      rest.remove_prefix(1);
    }
  }
  return false;
}

bool repeats_context(const Inputs& inputs) {
  if (inputs.packing == Inputs::Packing::kContext) return true;
  return inputs.packing == Inputs::Packing::kNone && (inputs.positional || inputs.max_lines > 0);
}

Result<CommandTemplate> CommandTemplate::compile(const Config& config, std::vector<std::string> names) {
  const PlaceholderSyntax syntax{config.command.replacement, config.command.plus, std::move(names)};
  CommandTemplate out;
  out.context_ = repeats_context(config.inputs);
  out.quote_ = config.command.quote;
  Result<std::vector<Pieces>> words = parse_words(config.command.words, syntax);
  if (!words) return Unexpected(std::move(words).error());
  out.words_ = *std::move(words);
  if (out.words_.empty() && config.pipe)
    return Unexpected(usage_error("--pipe needs a command that reads the blocks (such as cat)"));
  if (!config.pipe && std::none_of(out.words_.begin(), out.words_.end(), has_placeholder))
    out.words_.push_back({Piece{{}, Placeholder{}}});

  if (config.command.shell || config.command.words.empty()) {
    Result<std::string> shell = job_shell();
    if (!shell) return Unexpected(std::move(shell).error());
    out.shell_ = *std::move(shell);
  }
  const bool as_text = !out.shell_.empty() && !out.quote_;
  out.shown_ = as_text ? TextTemplate::of_text(out.words_, out.context_, !names_command(out.words_))
                       : TextTemplate::of_arguments(out.words_, out.context_);
  out.needs_total_ = std::any_of(out.words_.begin(), out.words_.end(), uses_total);

  const std::pair<const std::optional<std::string>&, std::optional<TextTemplate>&> texts[] = {
      {config.command.tag, out.tag_}, {config.command.workdir, out.workdir_}};
  for (const auto& [given, compiled] : texts) {
    Result<std::optional<TextTemplate>> text = parse_text(given, syntax, out.context_);
    if (!text) return Unexpected(std::move(text).error());
    compiled = *std::move(text);
  }
  return out;
}

void CommandTemplate::render(JobSpec& spec, const JobValues& job) const {
  spec.seq = job.seq;
  if (shell_.empty() || quote_) {
    for (const Pieces& word : words_) append_arguments(spec.argv, word, job, context_);
  }
  if (quote_) {
    for (const std::string& word : spec.argv) {
      if (!spec.shown.empty()) spec.shown += ' ';
      append_quoted(spec.shown, word);
    }
  } else {
    shown_.append(spec.shown, job);
  }
  if (!shell_.empty()) spec.argv = {shell_, "-c", spec.shown};
  if (tag_) tag_->append(spec.tag, job);
  if (workdir_) workdir_->append(spec.workdir, job);
}

}  // namespace mtask::pool
