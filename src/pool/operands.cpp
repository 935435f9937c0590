#include "pool/operands.hpp"

#include <optional>
#include <utility>

#include "base/text.hpp"

namespace mtask::pool {
namespace {

struct Separator {
  bool files = false;
  bool linked = false;
};

std::optional<Separator> as_separator(std::string_view operand, std::string_view values, std::string_view files) {
  if (operand == files) return Separator{true, false};
  if (operand == values) return Separator{false, false};
  if (!operand.ends_with('+')) return std::nullopt;
  operand.remove_suffix(1);
  if (operand == files) return Separator{true, true};
  if (operand == values) return Separator{false, true};
  return std::nullopt;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

}  // namespace

Result<SplitOperands> split_operands(std::vector<std::string> operands, std::string_view separator,
                                     std::string_view file_separator) {
  SplitOperands out;
  std::optional<Separator> group;
  bool named = true;  // the last group of files has a name
  for (std::string& operand : operands) {
    if (const std::optional<Separator> found = as_separator(operand, separator, file_separator)) {
      if (!named) break;
      group = found;
      named = !found->files;
      if (!found->files) {
        out.sources.emplace_back().kind = InputSource::Kind::kArguments;
        out.sources.back().linked = found->linked;
      }
    } else if (!group) {
      out.words.push_back(std::move(operand));
    } else if (group->files) {
      named = true;
      InputSource& source = out.sources.emplace_back();
      source.kind = operand == "-" ? InputSource::Kind::kStandardInput : InputSource::Kind::kFile;
      source.path = std::move(operand);
      source.linked = group->linked;
    } else {
      out.sources.back().values.push_back(std::move(operand));
    }
  }
  if (!named) return Unexpected(usage_error(std::string(file_separator) + " must be followed by the name of a file"));
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    constexpr std::string_view kNames = "tnr\\'\"";
    constexpr std::string_view kBytes = "\t\n\r\\'\"";
    if (const std::size_t found = kNames.find(c); found != std::string_view::npos) {
      out += kBytes[found];
    } else if (i + 2 < text.size() && c <= '3' && is_octal(c) && is_octal(text[i + 1]) && is_octal(text[i + 2])) {
      out += static_cast<char>((c - '0') * 64 + (text[i + 1] - '0') * 8 + (text[i + 2] - '0'));
      i += 2;
    } else if (c == '0') {
      out += '\0';
    } else {
      out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace mtask::pool
