#include "pool/text_template.hpp"

#include <algorithm>
#include <utility>

#include "pool/job.hpp"
#include "pool/shell_quote.hpp"

namespace mtask::pool {
namespace {

// The value that a positional placeholder stands for.
const std::string_view* value_at(const JobValues& job, int position) {
  const auto count = static_cast<std::ptrdiff_t>(job.values.size());
  const std::ptrdiff_t index = position > 0 ? position - 1 : count + position;
  if (!job.inserted || index < 0 || index >= count) return nullptr;
  return &job.values[static_cast<std::size_t>(index)];
}

// {#} and its like.
std::string number_text(const Placeholder& placeholder, const JobValues& job) {
  switch (placeholder.op) {
    case Placeholder::Op::kSlot:
      return std::string(1, kSlotMark);
    case Placeholder::Op::kTotal:
      return std::to_string(job.total.value_or(0));
    case Placeholder::Op::kPaddedSequence: {
      std::string text = std::to_string(job.seq);
      const std::size_t width = std::to_string(job.total.value_or(0)).size();
      if (text.size() < width) text.insert(0, width - text.size(), '0');
      return text;
    }
    default:
      return std::to_string(job.seq);
  }
}

// A shell takes it as it stands there. `starts`: at the start of a word; `command`: in the first word.
bool is_plain_text(std::string_view text, bool starts, bool command) {
  constexpr std::string_view kSyntax = "|&;<>()$`\\\"'*?[]!~";
  const auto special = [&](char c) {
    return (static_cast<unsigned char>(c) <= ' ' && c != kSlotMark) || c == 0x7f || kSyntax.find(c) != kSyntax.npos;
  };
  if (std::any_of(text.begin(), text.end(), special)) return false;
  if (command && text.find('=') != text.npos) return false;
  if (text == "{" || text == "}") return false;
  if (text.find_first_of("{}") != text.npos && (text.find(',') != text.npos || text.find("..") != text.npos))
    return false;
  return !starts || text.empty() || (text[0] != '#' && text[0] != '=');
}

}  // namespace

Result<Pieces> parse_pieces(std::string_view text, const PlaceholderSyntax& syntax) {
  Pieces pieces;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) pieces.push_back({std::exchange(literal, {}), std::nullopt});
  };
  while (!text.empty()) {
    Result<std::optional<PlaceholderSyntax::Found>> found = syntax.at_start(text);
    if (!found) return Unexpected(std::move(found).error());
    if (!*found) {
      literal += text.front();
      text.remove_prefix(1);
      continue;
    }
    flush();
    text.remove_prefix((*found)->length);
    pieces.push_back({{}, std::move((*found)->placeholder)});
  }
  flush();
  return pieces;
}

bool has_placeholder(const Pieces& pieces) {
  return std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.placeholder.has_value(); });
}

bool has_each(const Pieces& pieces) {
  return std::any_of(pieces.begin(), pieces.end(),
                     [](const Piece& piece) { return piece.placeholder && piece.placeholder->of_each(); });
}

namespace {

// One copy of a word, `value` standing for its placeholders of each value.
std::string word_with(const Pieces& word, const JobValues& job, std::string_view value) {
  std::string out;
  std::string scratch;
  for (const Piece& piece : word) {
    if (!piece.placeholder) {
      out += piece.literal;
    } else if (!piece.placeholder->of_value()) {
      out += number_text(*piece.placeholder, job);
    } else if (piece.placeholder->of_each()) {
      if (job.inserted) out += piece.placeholder->apply(value, scratch);
    } else if (const std::string_view* at = value_at(job, piece.placeholder->position)) {
      out += piece.placeholder->apply(*at, scratch);
    }
  }
  return out;
}

bool only_values(const Pieces& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](const Piece& piece) {
    return piece.placeholder && piece.placeholder->of_value();
  });
}

}  // namespace

void append_arguments(std::vector<std::string>& argv, const Pieces& word, const JobValues& job, bool context) {
  if (only_values(word)) {
    const auto stands_for_something = [&](const Piece& piece) {
      return piece.placeholder->of_each() ? job.inserted && !job.values.empty()
                                          : value_at(job, piece.placeholder->position) != nullptr;
    };
    if (std::none_of(word.begin(), word.end(), stands_for_something)) return;
  }
  if (context && has_each(word)) {
    for (const std::string_view value : job.values) argv.push_back(word_with(word, job, value));
    return;
  }
  std::string current;
  std::string scratch;
  for (const Piece& piece : word) {
    if (!piece.placeholder || !piece.placeholder->of_each()) {
      current += word_with({piece}, job, {});
      continue;
    }
    for (std::size_t i = 0; job.inserted && i < job.values.size(); ++i) {
      if (i > 0) argv.push_back(std::exchange(current, {}));
      current += piece.placeholder->apply(job.values[i], scratch);
    }
  }
  argv.push_back(std::move(current));
}

TextTemplate TextTemplate::of_text(const std::vector<Pieces>& words, bool context, bool quote_values) {
  TextTemplate out;
  out.quote_values_ = quote_values;
  Group group;
  const auto close = [&](std::string_view blanks) {
    group.repeated = context && has_each(group.pieces);
    if (group.pieces.empty()) {
      group.before += blanks;
    } else {
      out.groups_.push_back(std::exchange(group, {std::string(blanks), {}, false}));
    }
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) close(" ");
    for (const Piece& piece : words[i]) {
      if (piece.placeholder) {
        group.pieces.push_back(piece);
        continue;
      }
      for (std::string_view rest = piece.literal; !rest.empty();) {
        const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
        if (end > 0) group.pieces.push_back({std::string(rest.substr(0, end)), std::nullopt});
        rest.remove_prefix(end);
        if (rest.empty()) break;
        if (rest[0] == ' ') {
          close(" ");
        } else {  // as parallel has it, a tab is part of the context after it
          close("");
          group.pieces.push_back({"\t", std::nullopt});
        }
        rest.remove_prefix(1);
      }
    }
  }
  close("");
  out.after_ = group.before;
  return out;
}

TextTemplate TextTemplate::of_arguments(const std::vector<Pieces>& words, bool context) {
  TextTemplate out;
  out.quote_values_ = true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    Group group{i > 0 ? " " : "", {}, context && has_each(words[i])};
    for (const Piece& piece : words[i]) {
      if (piece.placeholder || is_plain_text(piece.literal, &piece == words[i].data(), i == 0)) {
        group.pieces.push_back(piece);
      } else {
        group.pieces.push_back({shell_quoted(piece.literal), std::nullopt});
      }
    }
    if (words[i].empty()) group.pieces.push_back({"''", std::nullopt});
    out.groups_.push_back(std::move(group));
  }
  return out;
}

void TextTemplate::append_value(std::string& out, std::string_view value) const {
  if (quote_values_) {
    append_quoted(out, value);
  } else {
    out += value;
  }
}

// With `value`, each placeholder of all values stands for that one.
void TextTemplate::append_group(std::string& out, const Group& group, const JobValues& job,
                                const std::string_view* value) const {
  std::string scratch;
  for (const Piece& piece : group.pieces) {
    if (!piece.placeholder) {
      out += piece.literal;
    } else if (!piece.placeholder->of_value()) {
      out += number_text(*piece.placeholder, job);
    } else if (!piece.placeholder->of_each()) {
      if (const std::string_view* at = value_at(job, piece.placeholder->position))
        append_value(out, piece.placeholder->apply(*at, scratch));
    } else if (job.inserted) {
      const std::span<const std::string_view> values = value != nullptr ? std::span(value, 1) : job.values;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += ' ';
        append_value(out, piece.placeholder->apply(values[i], scratch));
      }
    }
  }
}

void TextTemplate::append(std::string& out, const JobValues& job) const {
  for (const Group& group : groups_) {
    out += group.before;
    if (!group.repeated) {
      append_group(out, group, job, nullptr);
      continue;
    }
    for (std::size_t i = 0; i < job.values.size(); ++i) {
      if (i > 0) out += ' ';
      append_group(out, group, job, &job.values[i]);
    }
  }
  out += after_;
}

bool TextTemplate::has_placeholder() const {
  return std::any_of(groups_.begin(), groups_.end(),
                     [](const Group& group) { return pool::has_placeholder(group.pieces); });
}

std::ptrdiff_t TextTemplate::value_length(std::string_view value) const {
  std::size_t length = 0;
  std::string scratch;
  for (const Group& group : groups_) {
    if (group.repeated) ++length;  // the blank before it
    for (const Piece& piece : group.pieces) {
      if (!piece.placeholder) {
        length += group.repeated ? piece.literal.size() : 0;
      } else if (piece.placeholder->of_each()) {
        const std::string_view inserted = piece.placeholder->apply(value, scratch);
        length += quote_values_ ? quoted_length(inserted) : inserted.size();
        length += group.repeated ? 0 : 1;
      }
    }
  }
  return static_cast<std::ptrdiff_t>(length);
}

std::ptrdiff_t TextTemplate::rest_length(const JobValues& job) const {
  std::size_t length = after_.size();
  std::size_t blanks = 0;  // counted with each value, but not there before the first one
  std::string scratch;
  for (const Group& group : groups_) {
    length += group.before.size();
    if (group.repeated) ++blanks;
    const std::size_t times = group.repeated ? job.values.size() : 1;
    for (const Piece& piece : group.pieces) {
      if (!piece.placeholder) {
        length += group.repeated ? 0 : piece.literal.size();
      } else if (!piece.placeholder->of_value()) {
        length += times * number_text(*piece.placeholder, job).size();
      } else if (piece.placeholder->of_each()) {
        blanks += group.repeated ? 0 : 1;
      } else if (const std::string_view* at = value_at(job, piece.placeholder->position)) {
        const std::string_view inserted = piece.placeholder->apply(*at, scratch);
        length += times * (quote_values_ ? quoted_length(inserted) : inserted.size());
      }
    }
  }
  return static_cast<std::ptrdiff_t>(length) - static_cast<std::ptrdiff_t>(blanks);
}

}  // namespace mtask::pool
