#include "cli/copy_summary.hpp"

#include <charconv>
#include <chrono>

#include "base/text.hpp"
#include "base/units.hpp"

namespace mtask::cli {
namespace {

using copy::Config;
using copy::Summary;
using ui::FieldValue;

// "1 directory", "2 directories"; nothing for none.
void add_count(std::vector<std::string>& parts, std::uint64_t count, std::string_view one, std::string_view many) {
  if (count > 0) parts.push_back(format_count(count) + " " + std::string(count == 1 ? one : many));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

bool is_whole(const Summary& summary) { return summary.failed == 0 && !summary.interrupted && !summary.out_of_space; }

std::string what_was_done(const Config& config, const Summary& summary) {
  std::vector<std::string> parts;
  add_count(parts, summary.files, "file", "files");
  add_count(parts, summary.directories, "directory", "directories");
  add_count(parts, summary.links, "link", "links");
  add_count(parts, summary.symlinks, "symbolic link", "symbolic links");
  add_count(parts, summary.specials, "special file", "special files");
  add_count(parts, summary.updated, "updated", "updated");
  add_count(parts, summary.deleted, "deleted", "deleted");
  if (summary.bytes > 0) parts.push_back(format_size(summary.bytes));
  if (parts.empty()) parts.emplace_back(is_whole(summary) ? "nothing to do" : "nothing done");
  std::string text = joined(parts);
  if (config.dry_run) return text;
  text += " in " +
          format_duration(std::chrono::round<std::chrono::nanoseconds>(std::chrono::duration<double>(summary.seconds)));
  if (summary.bytes > 0 && summary.seconds > 0) {
    const double rate = static_cast<double>(summary.bytes) / summary.seconds;
    text += " (" + format_size(static_cast<std::uint64_t>(rate)) + "/s)";
  }
  return text;
}

std::string what_was_not(const Summary& summary) {
  std::vector<std::string> parts;
  add_count(parts, summary.skipped, "up to date", "up to date");
  add_count(parts, summary.excluded, "excluded", "excluded");
  add_count(parts, summary.retried, "retried", "retried");
  add_count(parts, summary.warnings, "warning", "warnings");
  add_count(parts, summary.worker_deaths, "worker died", "workers died");
  add_count(parts, summary.failed, "failed", "failed");
  return joined(parts);
}

// The shortest text that reads back as the same number.
std::string to_text(double number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed, 6).ptr;
  return {buffer, end};
}

std::string to_text(const FieldValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return to_text(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return one_line(std::get<std::string>(value));
}

template <auto Member>
FieldValue get(const Config&, const Summary& summary) {
  return summary.*Member;
}

}  // namespace

const std::vector<SummaryField>& copy_summary_fields() {
  static const std::vector<SummaryField> fields = {
      {"destination", "What the first source became, or the directory that all went into", get<&Summary::destination>},
      {"dry_run", "Nothing was changed; the counts are what would have been",
       [](const Config& config, const Summary&) -> FieldValue { return config.dry_run; }},
      {"workers", "Worker processes asked for",
       [](const Config& config, const Summary&) -> FieldValue { return std::uint64_t{config.workers}; }},
      {"files", "Regular files whose contents were written", get<&Summary::files>},
      {"directories", "Directories made", get<&Summary::directories>},
      {"links", "Hard links made", get<&Summary::links>},
      {"symlinks", "Symbolic links made", get<&Summary::symlinks>},
      {"specials", "FIFOs, sockets and device nodes made", get<&Summary::specials>},
      {"updated", "Entries of which the metadata alone was mended", get<&Summary::updated>},
      {"skipped", "Entries that were as they should be", get<&Summary::skipped>},
      {"excluded", "Entries left out by a filter", get<&Summary::excluded>},
      {"deleted", "Entries deleted from the destination", get<&Summary::deleted>},
      {"failed", "Entries given up", get<&Summary::failed>},
      {"retried", "Tries that were repeated", get<&Summary::retried>},
      {"warnings", "Warnings told", get<&Summary::warnings>},
      {"bytes", "Bytes of contents written or shared, of files that got their name; holes don't count",
       get<&Summary::bytes>},
      {"bytes_cloned", "Of these, bytes shared with the source by reflink", get<&Summary::bytes_cloned>},
      {"worker_deaths", "Workers that died and were replaced", get<&Summary::worker_deaths>},
      {"seconds", "How long it took", get<&Summary::seconds>},
      {"interrupted", "A signal ended it early", get<&Summary::interrupted>},
      {"out_of_space", "It ended early because the destination is full or read-only", get<&Summary::out_of_space>},
      {"stop_message", "Why, when out_of_space; else empty", get<&Summary::stop_message>},
  };
  return fields;
}

ui::SummaryFields summary_values(const Config& config, const Summary& summary) {
  ui::SummaryFields values;
  for (const SummaryField& field : copy_summary_fields()) {
    values.emplace_back(std::string(field.name), field.value(config, summary));
  }
  return values;
}

std::string stats_table(const ui::SummaryFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) text += name + ": " + to_text(value) + "\n";
  return text;
}

std::string summary_line(const Config& config, const Summary& summary) {
  const std::string source =
      config.sources.size() == 1 ? quote(config.sources.front()) : format_count(config.sources.size()) + " sources";
  std::string line = config.dry_run ? "dry run: would make " : "";
  line += source + " -> " + quote(summary.destination) + ": " + what_was_done(config, summary);
  if (const std::string rest = what_was_not(summary); !rest.empty()) line += "; " + rest;
  return line;
}

}  // namespace mtask::cli
