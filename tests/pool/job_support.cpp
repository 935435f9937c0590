#include "job_support.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

#include "base/unique_fd.hpp"
#include "pool/job_source.hpp"
#include "pool/operands.hpp"

namespace mtask::test {

using pool::Config;
using pool::Inputs;

namespace {

UniqueFd file_with(std::string_view bytes) {
  UniqueFd fd(::memfd_create("input", MFD_CLOEXEC));
  if (!fd || ::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      ::lseek(fd.get(), 0, SEEK_SET) != 0)
    throw std::runtime_error("no anonymous file");
  return fd;
}

Inputs::Trim trim_of(const std::string& name) {
  if (name == "n") return Inputs::Trim::kNone;
  if (name == "l") return Inputs::Trim::kLeft;
  return name == "r" ? Inputs::Trim::kRight : Inputs::Trim::kBoth;
}

bool set_flag(Config& config, const std::string& option) {
  const std::map<std::string, std::function<void()>> flags = {
      {"-X", [&] { config.inputs.packing = Inputs::Packing::kContext; }},
      {"-m", [&] { config.inputs.packing = Inputs::Packing::kWords; }},
      {"-r", [&] { config.inputs.no_run_if_empty = true; }},
      {"-q", [&] { config.command.quote = true; }},
      {"-0", [&] { config.inputs.delimiter = '\0'; }},
      {"--plus", [&] { config.command.plus = true; }},
      {"--link", [&] { config.inputs.link = true; }},
      {"--tag", [&] { config.command.tag = "{}"; }},
      {"--pipe", [&] { config.pipe.emplace(); }},
      {"--regexp", [&] { config.pipe.value().regexp = true; }},
      {"--rrs", [&] { config.pipe.value().remove_separators = true; }},
  };
  const auto found = flags.find(option);
  if (found == flags.end()) return false;
  found->second();
  return true;
}

void set_value(Config& config, const std::string& option, const std::string& value) {
  const std::map<std::string, std::function<void()>> options = {
      {"-n", [&] { config.inputs.max_args = std::stoul(value); }},
      {"-N", [&] { config.inputs.max_args = std::stoul(value), config.inputs.positional = true; }},
      {"-L", [&] { config.inputs.max_lines = std::stoul(value); }},
      {"-s", [&] { config.inputs.max_chars = std::stoul(value); }},
      {"-j", [&] { config.slots = static_cast<unsigned>(std::stoul(value)); }},
      {"-E", [&] { config.inputs.end = value; }},
      {"-I", [&] { config.command.replacement = value; }},
      {"--header",
       [&] {
         config.inputs.header = !config.pipe;
         if (config.pipe) config.pipe->header_lines = value == ":" ? 1 : std::stoul(value);
       }},
      {"--block", [&] { config.pipe.value().block = std::stoul(value); }},
      {"--recstart", [&] { config.pipe.value().record_start = value; }},
      {"--recend", [&] { config.pipe.value().record_end = value; }},
      {"--colsep", [&] { config.inputs.colsep = value; }},
      {"--trim", [&] { config.inputs.trim = trim_of(value); }},
      {"--tagstring", [&] { config.command.tag = pool::unescape(value); }},
  };
  options.at(option)();
}

// Where --pipe has been given, other options mean records of it.
void finish_pipe(Config& config, bool start_alone) {
  pool::Pipe& pipe = *config.pipe;
  pipe.max_records = std::exchange(config.inputs.max_args, 0);
  if (config.inputs.max_lines != 0) pipe.record_lines = std::exchange(config.inputs.max_lines, 0);
  config.inputs.positional = false;
  if (start_alone) pipe.record_end = "";
  if (pipe.regexp) return;
  pipe.record_start = pool::unescape(pipe.record_start);
  pipe.record_end = pool::unescape(pipe.record_end);
}

}  // namespace

Config config_of(std::vector<std::string> arguments, bool shell) {
  Config config;
  config.command.shell = shell;
  std::size_t at = 0;
  bool starts = false;
  bool ends = false;
  for (; at < arguments.size() && arguments[at].starts_with('-'); ++at) {
    if (set_flag(config, arguments[at])) continue;
    set_value(config, arguments[at], arguments.at(at + 1));
    starts = starts || arguments[at] == "--recstart";
    ends = ends || arguments[at] == "--recend";
    ++at;
  }
  if (config.pipe) finish_pipe(config, starts && !ends);
  arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(at));
  auto split = pool::split_operands(std::move(arguments));
  if (!split) throw std::runtime_error(split.error().message());
  config.command.words = std::move(split->words);
  config.inputs.sources = std::move(split->sources);
  return config;
}

std::vector<pool::JobSpec> jobs_of(const Config& config, std::string_view input) {
  const UniqueFd fd = file_with(input);
  auto source = pool::open_jobs(config, fd.get());
  if (!source) throw std::runtime_error(source.error().message());
  std::vector<pool::JobSpec> jobs;
  for (;;) {
    auto job = (*source)->next();
    if (!job) throw std::runtime_error(job.error().message());
    if (!*job) return jobs;
    jobs.push_back(std::move(**job));
  }
}

std::string refusal_of(const Config& config, std::string_view input) {
  try {
    (void)jobs_of(config, input);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::vector<std::string> shown(const std::vector<pool::JobSpec>& jobs) {
  std::vector<std::string> lines;
  for (const pool::JobSpec& job : jobs) lines.push_back(job.shown);
  return lines;
}

}  // namespace mtask::test
