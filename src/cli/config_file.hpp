#pragma once
// The configuration file: TOML, a table a command, keys named as the options are.

#include <string>
#include <string_view>
#include <vector>

#include "cli/environment.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"
#include "mtask/result.hpp"

namespace mtask::cli {

// $XDG_CONFIG_HOME/mtask/config.toml, else ~/.config/mtask/config.toml; empty when neither variable is set.
[[nodiscard]] std::string config_path(const Environment& environment);

// The settings of [command]. A file that doesn't exist holds none. Whatever cannot be understood is an error that names
// file and line; tables of other commands are looked at no further than their names.
[[nodiscard]] Result<std::vector<Setting>> read_config_file(const std::string& path, std::string_view command,
                                                            const OptionTable& table);

}  // namespace mtask::cli
