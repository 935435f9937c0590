#pragma once
// A run as one HTML page without any outside parts: totals, timeline of every worker, throughput, slowest items and
// failures. Tables are plain HTML and work without scripts; the charts are drawn from data embedded as JSON.
//
// Names are quoted as on the terminal and inert: escaped in HTML, and "<" in JSON is \u003c, so nothing can end the
// script element. Single bars are embedded for at most 20,000 spans (troubles first, then the longest); all of them
// are in the lanes' histograms. The page says so.

#include <string>

#include "mtask/result.hpp"
#include "ui/recorder.hpp"
#include "ui/ui.hpp"

namespace mtask::ui {

inline constexpr std::size_t kMostEmbeddedSpans = 20'000;

// `recorder` must be closed.
[[nodiscard]] Result<void> write_report(const std::string& path, const std::string& command,
                                        const SummaryFields& summary, const Recorder& recorder);

[[nodiscard]] std::string html_escape(std::string_view text);

}  // namespace mtask::ui
