#include "gen/builder.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "gen/stage_arguments.hpp"
#include "gen/stage_table.hpp"
#include "gen/syntax/parser.hpp"

namespace mtask::gen {
namespace {

// What other tools call it.
constexpr std::pair<std::string_view, std::string_view> kNamesElsewhere[] = {
    {"awk", "map"},      {"cat", "lines"}, {"cut", "map"},    {"drop", "skip"},    {"find", "walk"}, {"fold", "reduce"},
    {"grep", "filter"},  {"head", "take"}, {"limit", "take"}, {"nl", "enumerate"}, {"paste", "zip"}, {"seq", "range"},
    {"shuf", "shuffle"}, {"tail", "skip"}, {"wc", "count"},   {"yes", "repeat"},
};

Error unknown_stage(const Word& name) {
  std::vector<std::string_view> known;
  for (const StageRow& row : stage_table()) known.push_back(row.name);
  const std::string near = nearest(name.text, known);
  std::string hint = near.empty() ? "; 'mtask gen --help' lists them" : "; did you mean '" + near + "'?";
  for (const auto& [elsewhere, here] : kNamesElsewhere) {
    if (name.text == elsewhere) hint = "; that is " + quote(here) + " here";
  }
  const std::size_t blank = name.text.find(' ');
  if (blank != std::string::npos && find_stage(std::string_view(name.text).substr(0, blank)) != nullptr) {
    hint = "; its words stand apart, without quotes around all of them, or the whole pipeline follows -e";
  }
  return error_at(name, "unknown stage " + quote(name.text) + hint);
}

// "1..3 4": what stands for a whole stage takes no words.
std::optional<Error> shorthand_with_words(const StageNode& stage) {
  StageNode alone{stage.name, {}};
  if (stage.words.empty() || !expand_shorthand(alone)) return std::nullopt;
  return error_at(stage.words.front(), quote(stage.words.front().text) + " is too many: " + quote(stage.name.text) +
                                           " is a whole stage; chain and zip put several together");
}

Result<void> check_place(const StageRow& row, const StageNode& stage, bool first) {
  if (first && row.place == StageRow::Place::kCombinator) {
    return Unexpected(error_at(stage.name, "'" + std::string(row.name) + "' needs a source before it"));
  }
  if (!first && row.place == StageRow::Place::kSource) {
    return Unexpected(error_at(stage.name, "'" + std::string(row.name) +
                                               "' is a source and can only begin a pipeline; chain, zip and merge put "
                                               "sources together"));
  }
  return {};
}

}  // namespace

Result<StreamPtr> build(const Pipeline& pipeline, Runtime& runtime) {
  StreamPtr stream;
  bool first = true;
  for (StageNode stage : pipeline) {
    if (first && find_stage(stage.name.text) == nullptr) static_cast<void>(expand_shorthand(stage));
    const StageRow* const row = find_stage(stage.name.text);
    if (row == nullptr) {
      if (auto error = first ? shorthand_with_words(stage) : std::nullopt) return Unexpected(*std::move(error));
      return Unexpected(unknown_stage(stage.name));
    }
    if (auto placed = check_place(*row, stage, first); !placed) return Unexpected(std::move(placed).error());
    auto arguments = StageArguments::read(*row, stage, std::move(stream), runtime);
    if (!arguments) return Unexpected(std::move(arguments).error());
    auto made = row->make(*arguments);
    if (!made) return made;
    stream = std::move(*made);
    first = false;
  }
  return stream;
}

}  // namespace mtask::gen
