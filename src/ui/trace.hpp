#pragma once
// A run in the Chrome trace event format (JSON object form), for Perfetto and chrome://tracing: a process "mtask
// COMMAND", a thread a worker, an X (complete) event a try with its outcome, bytes and item number. Times in
// microseconds since the run began. Source: the "Trace Event Format" document of the Chromium project.

#include <string>

#include "mtask/result.hpp"
#include "ui/recorder.hpp"

namespace mtask::ui {

// `recorder` must be closed.
[[nodiscard]] Result<void> write_trace(const std::string& path, const std::string& command, const Recorder& recorder);

}  // namespace mtask::ui
