#pragma once
// The fixed parts of the report: style sheet and script. Neither holds anything of a run.

#include <string_view>

namespace mtask::ui {

extern const std::string_view kReportStyle;
extern const std::string_view kReportScript;

}  // namespace mtask::ui
