#include "ui/report.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "ui/lane_name.hpp"
#include "ui/output.hpp"
#include "ui/report_page.hpp"

namespace mtask::ui {
namespace {

std::string number(double value, int digits) {
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, digits);
  return {buffer.data(), end.ptr};
}

std::string duration_text(double seconds) {
  return format_duration(std::chrono::nanoseconds(std::llround(seconds * 1e9)));
}

// A JSON string that may stand inside a script element.
std::string script_string(std::string_view text) {
  std::string list = JsonArray().add(text).str();
  std::string safe;
  for (const char c : std::string_view(list).substr(1, list.size() - 2)) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string histogram(const TimeBuckets& buckets) {
  std::string text = "{\"width\":" + number(buckets.width(), 12) + ",\"values\":[";
  for (std::size_t i = 0; i < buckets.values().size(); ++i) {
    if (i > 0) text += ',';
    text += number(buckets.values()[i], 4);
  }
  return text + "]}";
}

bool troubled(const Span& span) { return span.outcome == Outcome::kFailed || span.outcome == Outcome::kRetried; }

// The spans to embed, by lane and beginning.
std::vector<const Span*> embedded(const Recorder& recorder) {
  std::vector<const Span*> chosen;
  chosen.reserve(recorder.spans().size());
  for (const Span& span : recorder.spans()) chosen.push_back(&span);
  if (chosen.size() > kMostEmbeddedSpans) {
    std::nth_element(chosen.begin(), chosen.begin() + kMostEmbeddedSpans, chosen.end(),
                     [](const Span* a, const Span* b) {
                       return troubled(*a) != troubled(*b) ? troubled(*a) : a->duration > b->duration;
                     });
    chosen.resize(kMostEmbeddedSpans);
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const Span* a, const Span* b) { return a->lane != b->lane ? a->lane < b->lane : a->begin < b->begin; });
  return chosen;
}

std::string span_row(const Recorder& recorder, const Span& span) {
  return "[" + number(static_cast<double>(span.begin) / 1e9, 10) + "," +
         number(static_cast<double>(span.duration) / 1e9, 6) + "," + std::to_string(static_cast<int>(span.outcome)) +
         "," + std::to_string(span.bytes) + "," + std::to_string(span.action) + "," +
         script_string(quote(recorder.name(span))) + "]";
}

void write_data(NewFile& file, const Recorder& recorder) {
  file.write("<script type=\"application/json\" id=\"data\">{\"seconds\":" + number(recorder.seconds(), 10));
  file.write(",\"bytes\":" + histogram(recorder.bytes()) + ",\"items\":" + histogram(recorder.items()));
  file.write(",\"actions\":[");
  for (std::size_t i = 0; i < recorder.actions().size(); ++i) {
    file.write((i > 0 ? "," : "") + script_string(recorder.actions()[i]));
  }
  file.write("],\n\"lanes\":[");
  const std::vector<const Span*> spans = embedded(recorder);
  auto next = spans.begin();
  for (std::size_t i = 0; i < recorder.lanes().size(); ++i) {
    const Lane& lane = recorder.lanes()[i];
    file.write(std::string(i > 0 ? "," : "") + "\n{\"name\":" + script_string(lane_name(lane)));
    file.write(",\"busy\":" + histogram(lane.busy) + ",\"items\":" + histogram(lane.items) + ",\"spans\":[");
    for (bool first = true; next != spans.end() && (*next)->lane == i; ++next, first = false) {
      file.write((first ? "\n" : ",\n") + span_row(recorder, **next));
    }
    file.write("]}");
  }
  file.write("]}</script>\n");
}

std::string total(const std::string& name, const FieldValue& value) {
  std::string label = name;
  std::replace(label.begin(), label.end(), '_', ' ');
  std::string shown;
  std::string kind;
  std::string exact;
  if (const auto* count = std::get_if<std::uint64_t>(&value)) {
    const bool size = name.find("bytes") != std::string::npos;
    shown = size ? format_size(*count) : format_count(*count);
    if (size) exact = " title=\"" + format_count(*count) + " bytes\"";
    if (*count == 0) kind = " class=\"zero\"";
  } else if (const auto* real = std::get_if<double>(&value)) {
    shown = name.find("seconds") != std::string::npos ? duration_text(*real) : number(*real, 6);
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    shown = *flag ? "yes" : "no";
    if (!*flag) kind = " class=\"zero\"";
  } else {
    const auto& text = std::get<std::string>(value);
    if (text.empty()) return "";
    shown = one_line(text);
    kind = " class=\"text\"";
  }
  return "<div><dt>" + html_escape(label) + "</dt><dd" + kind + exact + ">" + html_escape(shown) + "</dd></div>\n";
}

void write_head(NewFile& file, const std::string& command, const SummaryFields& summary, const Recorder& recorder) {
  const std::string title = html_escape("mtask " + command);
  file.write(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>" +
      title + ": report</title>\n<style>");
  file.write(kReportStyle);
  file.write("</style>\n</head>\n<body>\n<header><h1>" + title + "</h1>\n<p class=\"soft\">" +
             format_count(recorder.count(Outcome::kDone)) + " done, " +
             format_count(recorder.count(Outcome::kSkipped)) + " skipped, " +
             format_count(recorder.count(Outcome::kRetried)) + " tries repeated, " +
             format_count(recorder.count(Outcome::kFailed)) + " failed, in " + duration_text(recorder.seconds()) +
             "</p></header>\n<main>\n");
  file.write("<section aria-labelledby=\"h-totals\"><h2 id=\"h-totals\">Totals</h2>\n<dl class=\"totals\">\n");
  for (const auto& [name, value] : summary) file.write(total(name, value));
  file.write("</dl></section>\n");
}

std::string legend_key(std::string_view state, std::string_view text) {
  return "<span class=\"key\"><canvas data-state=\"" + std::string(state) + "\" aria-hidden=\"true\"></canvas>" +
         std::string(text) + "</span>\n";
}

void write_timeline(NewFile& file, const Recorder& recorder) {
  file.write("<section aria-labelledby=\"h-timeline\"><h2 id=\"h-timeline\">Timeline</h2>\n");
  if (recorder.lanes().empty()) {
    file.write("<p class=\"soft\">Nothing ran.</p></section>\n");
    return;
  }
  file.write("<noscript><p>The charts need JavaScript; the tables below do not.</p></noscript>\n<div class=\"bar\">");
  for (const auto& [state, text] :
       std::initializer_list<std::pair<const char*, const char*>>{{"done", "done"},
                                                                  {"many", "many short items (height: time busy)"},
                                                                  {"skipped", "skipped"},
                                                                  {"retried", "to be tried again"},
                                                                  {"failed", "failed"},
                                                                  {"unfinished", "unfinished"},
                                                                  {"waiting", "waiting"}}) {
    file.write(legend_key(state, text));
  }
  file.write(
      "<span class=\"buttons\"><button data-key=\"ArrowLeft\" aria-label=\"earlier\">&larr;</button>"
      "<button data-key=\"ArrowRight\" aria-label=\"later\">&rarr;</button>"
      "<button data-key=\"-\" aria-label=\"zoom out\">&minus;</button>"
      "<button data-key=\"+\" aria-label=\"zoom in\">+</button>"
      "<button data-key=\"0\">All</button></span></div>\n"
      "<canvas class=\"chart\" id=\"timeline\" tabindex=\"0\" role=\"application\" aria-describedby=\"keys said\" "
      "aria-label=\"Timeline, one lane a worker\"></canvas>\n"
      "<p id=\"said\" class=\"soft\" aria-live=\"polite\"></p>\n"
      "<p class=\"soft keys\" id=\"keys\">Drag to zoom into a stretch. Keys: <kbd>&larr;</kbd> <kbd>&rarr;</kbd> move, "
      "<kbd>+</kbd> <kbd>-</kbd> <kbd>0</kbd> zoom, <kbd>&uarr;</kbd> <kbd>&darr;</kbd> choose a lane, "
      "<kbd>n</kbd> <kbd>p</kbd> next and previous item.</p>\n");
  const std::uint64_t all = recorder.spans().size() + recorder.spans_left_out();
  if (all > kMostEmbeddedSpans) {
    file.write("<p class=\"soft\">" + format_count(kMostEmbeddedSpans) + " of " + format_count(all) +
               " items are on this page one by one: troubles first, then the longest. The others are in the bars of "
               "\"many short items\" and in all totals.</p>\n");
  }
  file.write("</section>\n<section aria-labelledby=\"h-rate\"><h2 id=\"h-rate\">Throughput</h2>\n");
  const auto& bytes = recorder.bytes().values();
  if (std::any_of(bytes.begin(), bytes.end(), [](double value) { return value > 0; })) {
    file.write(
        "<figure><figcaption>Bytes a second</figcaption><canvas class=\"chart\" id=\"bytes\" role=\"img\" "
        "aria-label=\"Bytes a second over time\"></canvas></figure>\n");
  }
  file.write(
      "<figure><figcaption>Items a second</figcaption><canvas class=\"chart\" id=\"items\" role=\"img\" "
      "aria-label=\"Items a second over time\"></canvas></figure></section>\n");
}

std::string worker_text(std::uint32_t worker) { return worker == kNoWorker ? "-" : std::to_string(worker); }

void write_slowest(NewFile& file, const Recorder& recorder) {
  if (recorder.slowest().empty()) return;
  file.write(
      "<section aria-labelledby=\"h-slow\"><h2 id=\"h-slow\">Slowest items</h2>\n<div "
      "class=\"table\"><table><thead><tr>"
      "<th class=\"n\" scope=\"col\">Took</th><th class=\"n\" scope=\"col\">Size</th><th class=\"n\" scope=\"col\">"
      "Began at</th><th class=\"n\" scope=\"col\">Worker</th><th scope=\"col\">State</th><th scope=\"col\">Name</th>"
      "</tr></thead><tbody>\n");
  for (const SlowItem& item : recorder.slowest()) {
    file.write("<tr><td class=\"n\">" + duration_text(item.seconds) + "</td><td class=\"n\">" +
               (item.bytes == 0 ? std::string("-") : format_size(item.bytes)) + "</td><td class=\"n\">" +
               duration_text(item.begin) + "</td><td class=\"n\">" + worker_text(item.worker) + "</td><td>" +
               std::string(to_string(item.outcome)) + "</td><td class=\"name\">" + html_escape(quote(item.name)) +
               "</td></tr>\n");
  }
  file.write("</tbody></table></div></section>\n");
}

void write_failures(NewFile& file, const Recorder& recorder) {
  const std::uint64_t all = recorder.count(Outcome::kFailed);
  if (all == 0) return;
  file.write("<section aria-labelledby=\"h-failed\"><h2 id=\"h-failed\">Failures (" + format_count(all) + ")</h2>\n");
  if (all > recorder.failures().size()) {
    file.write("<p class=\"soft\">The first " + format_count(recorder.failures().size()) + " are listed.</p>\n");
  }
  file.write(
      "<div class=\"table\"><table><thead><tr><th class=\"n\" scope=\"col\">At</th><th class=\"n\" scope=\"col\">Worker"
      "</th><th scope=\"col\">Reason</th><th scope=\"col\">Name</th></tr></thead><tbody>\n");
  for (const Failure& failure : recorder.failures()) {
    file.write("<tr><td class=\"n\">" + duration_text(failure.time) + "</td><td class=\"n\">" +
               worker_text(failure.worker) + "</td><td>" + html_escape(one_line(failure.detail)) +
               "</td><td class=\"name\">" + html_escape(quote(failure.name)) + "</td></tr>\n");
  }
  file.write("</tbody></table></div></section>\n");
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Result<void> write_report(const std::string& path, const std::string& command, const SummaryFields& summary,
                          const Recorder& recorder) {
  Result<NewFile> file = NewFile::create(path);
  if (!file) return Unexpected(file.error());
  write_head(*file, command, summary, recorder);
  write_timeline(*file, recorder);
  write_slowest(*file, recorder);
  write_failures(*file, recorder);
  file->write("</main>\n<div id=\"tip\" hidden></div>\n");
  write_data(*file, recorder);
  file->write("<script>");
  file->write(kReportScript);
  file->write("</script>\n</body>\n</html>\n");
  return file->commit();
}

}  // namespace mtask::ui
