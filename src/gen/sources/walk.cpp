// walk: the entries of directory trees.

#include <fnmatch.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gen/directory_walk.hpp"
#include "gen/sources/make.hpp"
#include "gen/sources/plain_source.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

constexpr std::size_t kTextBytes = 256 * 1024;  // of a batch, as far as a path is not longer

struct WalkOptions {
  std::vector<std::string> roots;
  std::string types;                // letters; empty: all
  std::optional<std::string> name;  // a pattern of fnmatch(3)
  std::size_t least_depth = 0;
  std::size_t most_depth = std::numeric_limits<std::size_t>::max();
  bool hidden = true;
};

class Walk final : public PlainSource {
 public:
  Walk(WalkOptions options, Runtime& runtime) : options_(std::move(options)), runtime_(runtime) {}

 private:
  Result<void> fill(Batch& out, std::size_t want) override {
    DirectoryWalk::Entry entry;
    while (out.size() < want && out.text_bytes() < kTextBytes) {
      if (!walk_) {
        if (root_ == options_.roots.size()) return {};
        walk_.emplace(options_.roots[root_++]);
      }
      auto step = walk_->next(entry);
      if (!step) {
        if (!runtime_.keep_going) return Unexpected(std::move(step).error());
        runtime_.report(step.error());
      } else if (*step == DirectoryWalk::Step::kEnd) {
        walk_.reset();
      } else {
        take(entry, out);
      }
    }
    return {};
  }

  void take(const DirectoryWalk::Entry& entry, Batch& out) {
    if (!options_.hidden && entry.depth > 0 && entry.name.starts_with('.')) {
      walk_->skip();
      return;
    }
    if (entry.depth >= options_.most_depth) walk_->skip();
    if (entry.depth < options_.least_depth || entry.depth > options_.most_depth) return;
    if (!options_.types.empty() && options_.types.find(entry.type) == std::string::npos) return;
    if (options_.name && ::fnmatch(options_.name->c_str(), std::string(entry.name).c_str(), 0) != 0) return;
    out.add_text(entry.path);
  }

  WalkOptions options_;
  Runtime& runtime_;
  std::size_t root_ = 0;
  std::optional<DirectoryWalk> walk_;
};

Result<std::string> read_types(const StageArguments& arguments) {
  std::string types;
  const Word* const given = arguments.find("type");
  if (given == nullptr) return types;
  for (std::size_t i = 0; i < given->text.size(); ++i) {
    const char c = given->text[i];
    if (i % 2 == 1 ? c != ',' : std::string_view("fdlbcps").find(c) == std::string_view::npos) {
      return Unexpected(arguments.refuse(*given, "is no type: f d l b c p s, several with commas between"));
    }
    if (i % 2 == 0) types += c;
  }
  if (given->text.size() % 2 == 0) return Unexpected(arguments.refuse(*given, "is no type: one is missing"));
  return types;
}

}  // namespace

Result<StreamPtr> make_walk(StageArguments& arguments) {
  WalkOptions options;
  for (const Word& word : arguments.operands()) options.roots.push_back(word.text);
  if (options.roots.empty()) options.roots.emplace_back(".");
  auto types = read_types(arguments);
  if (!types) return Unexpected(std::move(types).error());
  options.types = std::move(*types);
  if (const Word* const name = arguments.find("name")) options.name = name->text;
  auto least = arguments.integer_option("min-depth", 0);
  if (!least) return Unexpected(std::move(least).error());
  auto most = arguments.integer_option("max-depth", 0);
  if (!most) return Unexpected(std::move(most).error());
  if (*least) options.least_depth = static_cast<std::size_t>(**least);
  if (*most) options.most_depth = static_cast<std::size_t>(**most);
  if (options.least_depth > options.most_depth) {
    return Unexpected(arguments.refuse(*arguments.find("max-depth"), "is less than --min-depth"));
  }
  options.hidden = !arguments.has("no-hidden");
  return StreamPtr(std::make_unique<Walk>(std::move(options), arguments.runtime()));
}

}  // namespace mtask::gen
