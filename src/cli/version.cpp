#include "cli/version.hpp"

// Of xxHash, which the engine alone uses, only the macros that tell its version.
#include <toml++/impl/version.h>
#include <xxhash.h>

#include <CLI/Version.hpp>
#include <string_view>

#include "base/log.hpp"
#include "mtask_version.hpp"

namespace mtask::cli {
namespace {

std::string dotted(unsigned major, unsigned minor, unsigned patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace

std::string version_text() {
  std::string text = "mtask " + std::string(kVersion) + "\n";
  text += "commit " + std::string(kCommit) + "\n";
  text += "libraries CLI11 " + std::string(CLI11_VERSION);
  text += ", " + log::library();
  text += ", toml++ " + dotted(TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH);
  text += ", xxHash " + dotted(XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE);
  return text + "\n";
}

}  // namespace mtask::cli
