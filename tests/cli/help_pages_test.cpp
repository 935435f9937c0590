// Help, manual pages and completions say what the tables say.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/man_page.hpp"
#include "mtask/gen.hpp"
#include "support/command.hpp"
#include "support/files.hpp"
#include "support/places.hpp"
#include "support/temp_dir.hpp"
#include "ui/json_lines.hpp"

namespace {

using namespace mtask;
using namespace mtask::cli;
using mtask::test::read_file;
using mtask::test::TempDir;
using mtask::test::write_file;

// Not as the beginning of a longer name.
bool names_option(const std::string& text, const std::string& name) {
  const std::string word = "--" + name;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const char next = at + word.size() < text.size() ? text[at + word.size()] : ' ';
    if (next != '-' && (next < 'a' || next > 'z')) return true;
  }
  return false;
}

std::vector<const Command*> all_commands() {
  std::vector<const Command*> all = {&root_command()};
  for (const Command& command : commands()) all.push_back(&command);
  return all;
}

TEST_CASE("the committed manual pages are what the program prints") {
  const std::string folder = mtask::test::source_dir() + "/docs/man/";
  CHECK(read_file(folder + "mtask.1") == man_page(root_command()));
  CHECK(read_file(folder + "mtask-copy.1") == man_page(*find_command("copy")));
  CHECK(read_file(folder + "mtask-pool.1") == man_page(*find_command("pool")));
}

TEST_CASE("groff finds nothing to object to in the manual pages") {
  for (const Command* command : all_commands()) {
    const auto outcome =
        test::run({.argv = {"sh", "-c", "command -v groff >/dev/null || exit 0; groff -man -Tutf8 -ww >/dev/null"},
                   .env = {},
                   .cwd = "",
                   .input = man_page(*command)});
    INFO(outcome.text());
    CHECK(outcome.code() == 0);
    CHECK(outcome.err.empty());
  }
}

TEST_CASE("help names every option, has its examples and fits 80 columns") {
  for (const Command* command : all_commands()) {
    const std::string text = help(*command);
    INFO(text);
    for (const Option& row : describe_options(*command)) {
      CHECK(names_option(text, std::string(row.name)) == !row.hidden);
    }
    std::size_t longest = 0;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      longest = std::max(longest, end - begin);
      begin = end + 1;
    }
    CHECK(longest <= 80);
  }
  CHECK(find_command("copy")->page->examples.size() >= 3);
}

TEST_CASE("examples use options that exist") {
  for (const std::string name : {"copy", "pool"}) {
    const OptionTable table = describe_options(*find_command(name));
    for (const Example& example : find_command(name)->page->examples) {
      // What precedes the command itself may be other programs, and so is what follows " -- ".
      std::string text(example.command);
      text = text.substr(text.find("mtask " + name));
      text = text.substr(0, text.find(" -- "));
      for (std::size_t at = text.find(" --"); at != std::string::npos; at = text.find(" --", at + 1)) {
        const std::string option = text.substr(at + 3, text.find_first_of(" =", at + 3) - at - 3);
        INFO(option);
        CHECK(find_option(table, option) != nullptr);
      }
    }
  }
}

TEST_CASE("tables hold no name twice, and every row has its texts") {
  for (const Command* command : all_commands()) {
    std::string letters;
    std::vector<std::string_view> names;
    for (const Option& row : describe_options(*command)) {
      INFO(row.name);
      CHECK(std::count(names.begin(), names.end(), row.name) == 0);
      names.push_back(row.name);
      for (const char letter : row.letters) CHECK(letters.find(letter) == std::string::npos);
      letters += row.letters;
      CHECK_FALSE(row.help.empty());
      CHECK_FALSE(row.group.empty());
      CHECK(row.placeholder.empty() == (row.takes == Option::Takes::kNothing));
      CHECK(row.bare.empty() == (row.takes != Option::Takes::kOptionalValue));
    }
  }
}

TEST_CASE("the manual describes every field of a JSON line") {
  const std::string manual = man_page(*find_command("copy"));
  Event event;
  event.kind = Event::Kind::kFinished;
  event.worker = 1;
  event.item = 1;
  event.name = "\xff";
  event.action = "copy";
  event.detail = "why";
  const WorkerStatus status;
  Progress progress;
  progress.workers = {&status, 1};
  for (const std::string& line : {ui::event_line(event, {}), ui::progress_line(progress, {})}) {
    INFO(line);
    std::size_t keys = 0;
    for (std::size_t end = line.find("\":"); end != std::string::npos; end = line.find("\":", end + 1)) {
      const std::size_t begin = line.rfind('"', end - 1) + 1;
      const std::string key = line.substr(begin, end - begin);
      INFO(key);
      CHECK_THAT(manual, Catch::Contains("\\fB" + key + "\\fR"));
      ++keys;
    }
    CHECK(keys > 5);
  }
}

TEST_CASE("completion scripts know every command and option") {
  for (const std::string& script : {bash_completion(), zsh_completion(), fish_completion()}) {
    INFO(script.substr(0, 60));
    for (const Command& command : commands()) {
      CHECK_THAT(script, Catch::Contains(std::string(command.name)));
      for (const Option& row : describe_options(command)) {
        if (!row.hidden) CHECK_THAT(script, Catch::Contains(std::string(row.name)));
      }
    }
    CHECK_THAT(script, !Catch::Contains("help-man"));
  }
}

// What bash would offer for the words of a line, the last of which is being typed.
std::string completed(const std::string& words, int index) {
  const TempDir scratch;
  write_file(scratch / "complete", bash_completion());
  const std::string script = "source ./complete; COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(index) +
                             "; _mtask; echo \"${COMPREPLY[*]}\"";
  const auto outcome = test::run({.argv = {"bash", "-c", script}, .env = {}, .cwd = scratch.path(), .input = ""});
  INFO(outcome.text());
  CHECK(outcome.code() == 0);
  CHECK(outcome.err.empty());
  return outcome.out;
}

TEST_CASE("bash completes commands, options and values") {
  CHECK(completed("mtask co", 1) == "copy completion\n");
  CHECK(completed("mtask copy --work", 2) == "--workers=\n");
  CHECK(completed("mtask copy --fsync e", 3) == "end each\n");
  CHECK(completed("mtask copy --update = o", 4) == "older\n");
  CHECK(completed("mtask copy --no-preserve = mode,ow", 4) == "mode,ownership\n");
  CHECK(completed("mtask completion z", 2) == "zsh\n");
  CHECK(completed("mtask gen ran", 2) == "range rand\n");
  CHECK(completed("mtask gen range 3 : shu", 5) == "shuffle\n");
  CHECK(completed("mtask gen lines comp", 3) == "complete\n");
  CHECK(completed("mtask --ver", 1) == "--version\n");
  CHECK(completed("mtask copy comp", 2) == "complete\n");  // a file
}

TEST_CASE("each stage of gen has help of its own, with all of its options") {
  const Command& command = *find_command("gen");
  for (const gen::StageHelp& stage : gen::stages()) {
    const std::string text = help(command, {"words", "a", ":", std::string(stage.name)});
    INFO(text);
    CHECK(text.starts_with("mtask gen: " + std::string(stage.name) + "\n"));
    CHECK_THAT(text, Catch::Contains(std::string(stage.operands)));
    for (const gen::StageHelp::Option& option : stage.options) CHECK(names_option(text, std::string(option.name)));
  }
  CHECK(help(command, {"nothing"}) == help(command));
}

TEST_CASE("the help of a stage comes by both ways") {
  const auto by_option = test::run(
      {.argv = {test::mtask_binary(), "gen", "range", "1", "3", "--help"}, .env = {}, .cwd = {}, .input = {}});
  const auto by_command =
      test::run({.argv = {test::mtask_binary(), "help", "gen", "range"}, .env = {}, .cwd = {}, .input = {}});
  CHECK(by_option.code() == 0);
  CHECK(by_option.out == by_command.out);
  CHECK_THAT(by_option.out, Catch::StartsWith("mtask gen: range\n"));
  const auto unknown =
      test::run({.argv = {test::mtask_binary(), "help", "gen", "rang"}, .env = {}, .cwd = {}, .input = {}});
  CHECK(unknown.code() == 2);
}

}  // namespace
