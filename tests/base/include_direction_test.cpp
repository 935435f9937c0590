// Proves the layers of docs/architecture.md: includes point down only, and each foreign library stays where it belongs.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/places.hpp"

namespace {

namespace fs = std::filesystem;

using Layers = std::set<std::string, std::less<>>;

// What each layer may include beside itself and mtask/.
const std::map<std::string, Layers, std::less<>> kMayInclude = {
    {"mtask", {}},
    {"base", {}},
    {"os", {"base"}},
    {"workers", {"base", "os"}},
    {"coro", {"base", "os"}},
    {"copy", {"base", "os", "workers", "coro"}},
    {"pool", {"base", "os", "workers", "coro"}},
    {"download", {"base", "os", "workers", "coro"}},
    {"gen", {"base", "os", "workers", "coro"}},
    {"chat", {"base", "os", "workers", "coro"}},
    {"ui", {"base"}},
    {"cli", {"base", "os", "workers", "coro", "copy", "pool", "download", "gen", "chat", "ui"}},
};

struct Keeper {
  std::string_view library;  // how its headers' names begin
  std::string_view layer;    // the only one that includes it
};

constexpr std::array kKeepers = {
    Keeper{"CLI/", "cli"},       Keeper{"toml++/", "cli"},    Keeper{"spdlog/", "base"}, Keeper{"fmt/", "gen"},
    Keeper{"curl/", "download"}, Keeper{"readline/", "chat"}, Keeper{"sodium", "chat"},  Keeper{"lua", "gen"},
    Keeper{"gmp", "gen"},        Keeper{"primesieve", "gen"},
};

// Why a file of `layer` must not have this line; none when it may.
std::optional<std::string> objection(const std::string& layer, const std::string& line) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  std::smatch parts;
  if (!std::regex_match(line, parts, include)) return std::nullopt;
  const std::string name = parts[2];
  for (const Keeper& keeper : kKeepers) {
    if (name.starts_with(keeper.library) && layer != keeper.layer)
      return name + " belongs to src/" + std::string(keeper.layer);
  }
  if (parts[1] == "<") {
    if (layer == "mtask" && name.find('/') != std::string::npos) return "public headers include only mtask/ and std";
    const bool ours = kMayInclude.contains(name.substr(0, name.find('/'))) && name.find('/') != std::string::npos;
    return ours ? std::optional("own headers are included in quotes") : std::nullopt;
  }
  const auto slash = name.find('/');
  const std::string target = name.substr(0, slash);
  if (slash == std::string::npos) {
    return name == "mtask_version.hpp" && layer == "cli" ? std::nullopt
                                                         : std::optional("write it from src/ or include/: " + name);
  }
  if (!kMayInclude.contains(target)) return "no such layer: " + target;
  if (target == layer || target == "mtask") return std::nullopt;
  if (kMayInclude.at(layer).contains(target)) return std::nullopt;
  return layer + " must not include " + name;
}

// The objections to one file, each with its place.
std::vector<std::string> objections(const fs::path& file, const std::string& layer) {
  std::vector<std::string> found;
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (const auto why = objection(layer, line)) {
      found.push_back(file.string() + ':' + std::to_string(number) + ": " + *why);
    }
  }
  return found;
}

bool is_source(const fs::directory_entry& entry) {
  return entry.is_regular_file() && (entry.path().extension() == ".hpp" || entry.path().extension() == ".cpp");
}

}  // namespace

TEST_CASE("includes point down only") {
  std::ostringstream report;
  std::size_t files = 0;
  for (const fs::path& root :
       {fs::path(mtask::test::source_dir()) / "include", fs::path(mtask::test::source_dir()) / "src"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (!is_source(entry)) continue;
      ++files;
      const std::string layer = entry.path().lexically_relative(root).begin()->string();
      if (!kMayInclude.contains(layer)) {
        report << entry.path().string() << ":1: " << layer << " is no layer\n";
        continue;
      }
      for (const std::string& line : objections(entry.path(), layer)) report << line << '\n';
    }
  }
  INFO(report.str());
  CHECK(report.str().empty());
  CHECK(files > 10);  // else it walked the wrong folder
}

TEST_CASE("upward, sideways and foreign includes are objected to") {
  CHECK(objection("base", R"(#include "os/poller.hpp")"));
  CHECK(objection("os", R"(  #  include "workers/shared_queue.hpp" // up)"));
  CHECK(objection("copy", R"(#include "ui/bar.hpp")"));
  CHECK(objection("copy", R"(#include "pool/pool.hpp")"));
  CHECK(objection("copy", R"(#include "cli/command.hpp")"));
  CHECK(objection("ui", R"(#include "os/poller.hpp")"));
  CHECK(objection("workers", R"(#include "coro/task.hpp")"));
  CHECK(objection("copy", R"(#include "board.hpp")"));
  CHECK(objection("copy", R"(#include "../ui/bar.hpp")"));
  CHECK(objection("copy", R"(#include <base/text.hpp>)"));
  CHECK(objection("copy", R"(#include <CLI/CLI.hpp>)"));
  CHECK(objection("cli", R"(#include <spdlog/spdlog.h>)"));
  CHECK(objection("mtask", R"(#include "base/text.hpp")"));
  CHECK(objection("mtask", R"(#include <sys/types.h>)"));
}

TEST_CASE("downward includes are not objected to") {
  CHECK_FALSE(objection("base", R"(#include "mtask/result.hpp")"));
  CHECK_FALSE(objection("base", R"(#include <spdlog/spdlog.h>)"));
  CHECK_FALSE(objection("copy", R"(#include "workers/shared_queue.hpp")"));
  CHECK_FALSE(objection("copy", R"(#include <sys/stat.h>)"));
  CHECK_FALSE(objection("cli", R"(#include "ui/bar.hpp")"));
  CHECK_FALSE(objection("cli", R"(#include "mtask_version.hpp")"));
  CHECK_FALSE(objection("mtask", R"(#include <vector>)"));
  CHECK_FALSE(objection("copy", "int include_ui = 0;"));
}
