#include "base/text.hpp"
#include "cli/copy_arguments.hpp"
#include "cli/copy_lists.hpp"
#include "cli/text_file.hpp"
#include "os/cpus.hpp"

namespace mtask::cli {
namespace {

constexpr std::string_view kSeeHelp = "; see 'mtask copy --help'";

Result<void> place_operands(CopyArguments& arguments, std::vector<std::string> operands) {
  copy::Config& config = arguments.config;
  for (const std::string& operand : operands) {
    if (operand.empty()) return Unexpected(usage_error("an empty name is no path"));
  }
  if (operands.empty()) {
    return Unexpected(usage_error("nothing to copy is named" + std::string(kSeeHelp)));
  }
  if (!arguments.target_directory.empty()) {
    config.destination = arguments.target_directory;
    config.into_directory = true;
  } else if (operands.size() == 1) {
    return Unexpected(usage_error("a destination is missing after " + quote(operands.front()) + std::string(kSeeHelp)));
  } else {
    config.destination = std::move(operands.back());
    operands.pop_back();
    config.into_directory = operands.size() > 1;
  }
  config.sources = std::move(operands);
  return {};
}

Result<void> refuse_contradictions(const CopyArguments& arguments) {
  const copy::Config& config = arguments.config;
  const bool listed = !arguments.files_from.empty();
  if (listed && config.remove_extraneous) {
    return Unexpected(usage_error("--delete and --files-from exclude each other: a list is not the whole source"));
  }
  if (listed && config.sources.size() > 1) {
    return Unexpected(usage_error("--files-from needs a single source, which its paths are relative to"));
  }
  if (!listed && arguments.null_separated) {
    return Unexpected(usage_error("-0 has a meaning together with --files-from only"));
  }
  if (arguments.files_from == "-" && arguments.stdin_taken) {
    return Unexpected(usage_error("--files-from: standard input can be read once only"));
  }
  if (config.min_size && config.max_size && *config.min_size > *config.max_size) {
    return Unexpected(usage_error("no file is as large as --min-size and as small as --max-size"));
  }
  return {};
}

Result<void> read_files_from(CopyArguments& arguments) {
  if (arguments.files_from.empty()) return {};
  const auto text = read_text_file(arguments.files_from);
  if (!text) return Unexpected(text.error());
  if (!arguments.null_separated && text->find('\0') != std::string::npos) {
    return Unexpected(usage_error("--files-from: the list holds NUL bytes; paths that end with them need -0"));
  }
  auto paths = parse_paths(*text, arguments.null_separated ? '\0' : '\n');
  if (!paths) {
    Error error = std::move(paths).error();
    error.context = "--files-from: " + error.context;
    return Unexpected(std::move(error));
  }
  arguments.config.files_from = std::move(*paths);
  return {};
}

}  // namespace

Result<copy::Config> finish_copy_config(CopyArguments& arguments, std::vector<std::string> operands) {
  if (auto done = place_operands(arguments, std::move(operands)); !done) return Unexpected(std::move(done).error());
  if (auto done = refuse_contradictions(arguments); !done) return Unexpected(std::move(done).error());
  if (auto done = read_files_from(arguments); !done) return Unexpected(std::move(done).error());
  if (arguments.config.workers == 0) arguments.config.workers = os::usable_cpus();
  return arguments.config;
}

}  // namespace mtask::cli
