#include "support/parallel_answers.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "support/command.hpp"
#include "support/files.hpp"
#include "support/places.hpp"
#include "support/temp_dir.hpp"

// A file's lines:
//   # NAME     a section; the very first line names the version that answered
//   $ LINE     the question
//   < INPUT    its input, unless that is empty
//   > TEXT     a line of the output, or the last part of one
//   = CODE     how it ended
// Backslash, and what isn't printable, is escaped as in C.
namespace mtask::test {
namespace {

constexpr std::string_view kVersionLine = "# Answers of ";

std::string file_of(const std::string& layer) { return source_dir() + "/tests/" + layer + "/parallel_answers.txt"; }

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (c == '\\') {
      result += "\\\\";
    } else if (byte < 0x20 || byte >= 0x7f) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      result += {'\\', 'x', kDigits[byte / 16], kDigits[byte % 16]};
    } else {
      result += c;
    }
  }
  if (result.ends_with(' ')) result.replace(result.size() - 1, 1, "\\x20");  // editors take blanks off a line's end
  return result;
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    const char kind = text.at(++i);
    if (kind == 'x') {
      result += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      result += kind == 'n' ? '\n' : kind == 't' ? '\t' : kind;
    }
  }
  return result;
}

// One a line, each with its newline.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end == std::string_view::npos ? end : end + 1));
    text.remove_prefix(lines.back().size());
  }
  return lines;
}

std::string written(const Recorded& one) {
  std::string text = "\n$ " + escaped(one.question.line) + "\n";
  if (!one.question.input.empty()) text += "< " + escaped(one.question.input) + "\n";
  for (const std::string_view line : lines_of(one.answer.out)) text += "> " + escaped(line) + "\n";
  return text + "= " + std::to_string(one.answer.code) + "\n";
}

std::map<Question, Answer> read_answers(const std::string& layer) {
  std::map<Question, Answer> answers;
  for (Recorded& one : all_recorded(layer)) answers.emplace(std::move(one.question), std::move(one.answer));
  return answers;
}

Answer added(const std::string& layer, const std::string& section, const Question& question) {
  static std::map<std::string, std::string> last_section;
  Recorded one{question, ask_parallel(question)};
  std::ofstream file(file_of(layer), std::ios::app | std::ios::binary);
  if (std::string& last = last_section[layer]; last != section) file << "\n# " << (last = section) << '\n';
  file << written(one);
  return one.answer;
}

std::string with_program(std::string line, const std::string& program) {
  for (std::size_t at = line.find('@'); at != std::string::npos; at = line.find('@', at + program.size())) {
    line.replace(at, 1, program);
  }
  return line;
}

}  // namespace

Answer ask(const Question& question, const std::string& program) {
  static const TempDir home(fast_temp_root());  // parallel notes there what it found out about the system
  const TempDir scratch(fast_temp_root());
  write_file(scratch / "list1", "one\ntwo\n");
  write_file(scratch / "list2", "1\n2\n3\n");
  write_file(scratch / "commands", "echo first\necho second | tr a-z A-Z\n");
  const Outcome outcome = run({.argv = {"sh", "-c", with_program(question.line, program)},
                               .env = {{"HOME", home.path().string()},
                                       {"LC_ALL", "C"},
                                       {"PARALLEL", std::nullopt},
                                       {"PARALLEL_HOME", std::nullopt},
                                       {"PARALLEL_SHELL", "/bin/sh"},
                                       {"SHELL", "/bin/sh"},
                                       {"TMPDIR", scratch.path().string()},
                                       {"XDG_CACHE_HOME", std::nullopt},
                                       {"XDG_CONFIG_HOME", std::nullopt}},
                               .cwd = scratch.path().string(),
                               .input = question.input});
  return {outcome.out, outcome.code()};
}

Answer ask_parallel(const Question& question) { return ask(question, "parallel --will-cite"); }

std::string words_quoted(const std::vector<std::string>& words) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:+-=%{}#";
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    const bool plain = !word.empty() && word.find_first_not_of(kPlain) == std::string::npos && word.front() != '#' &&
                       word.find("..") == std::string::npos;
    if (plain) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

std::string text_of(const Answer& answer) {
  std::string text;
  for (const std::string_view line : lines_of(answer.out)) text += "> " + escaped(line) + "\n";
  return text + "= " + std::to_string(answer.code);
}

Answer recorded(const std::string& layer, const std::string& section, const Question& question) {
  if (std::getenv("MTASK_RECORD_PARALLEL") != nullptr) return added(layer, section, question);
  static std::map<std::string, std::map<Question, Answer>> layers;
  if (layers.count(layer) == 0) layers[layer] = read_answers(layer);
  const auto found = layers[layer].find(question);
  if (found == layers[layer].end()) {
    throw std::runtime_error("not in " + file_of(layer) + ", run scripts/record-parallel: " + question.line);
  }
  return found->second;
}

std::vector<Recorded> all_recorded(const std::string& layer) {
  std::vector<Recorded> all;
  std::istringstream file(read_file(file_of(layer)));
  std::size_t number = 0;
  bool complete = true;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.starts_with("# ")) continue;
    const std::string kind = line.substr(0, 2);
    const std::string text = unescaped(std::string_view(line).substr(kind.size()));
    if (complete && kind == "$ ") {
      all.push_back({{text, ""}, {}});
      complete = false;
    } else if (!complete && kind == "< ") {
      all.back().question.input = text;
    } else if (!complete && kind == "> ") {
      all.back().answer.out += text;
    } else if (!complete && kind == "= ") {
      all.back().answer.code = std::stoi(text);
      complete = true;
    } else {
      throw std::runtime_error(file_of(layer) + ":" + std::to_string(number) +
                               ": not as scripts/record-parallel writes");
    }
  }
  if (!complete) throw std::runtime_error(file_of(layer) + " ends within an answer");
  return all;
}

std::string recorded_version(const std::string& layer) {
  std::istringstream file(read_file(file_of(layer)));
  std::string line;
  std::getline(file, line);
  if (!line.starts_with(kVersionLine)) throw std::runtime_error(file_of(layer) + " names no version");
  const std::string rest = line.substr(kVersionLine.size());
  return rest.substr(0, rest.find(':'));
}

std::string installed_version() {
  const std::string printed = ask({"@ --version 2>/dev/null", ""}, "parallel").out;
  return printed.starts_with("GNU parallel ") ? printed.substr(0, printed.find('\n')) : "";
}

}  // namespace mtask::test
