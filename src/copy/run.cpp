// A run from its configuration to its summary: what is to be shared is set up here, the supervisor does the rest.

#include "mtask/copy.hpp"

#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>

#include "base/text.hpp"
#include "copy/operands.hpp"
#include "copy/supervisor.hpp"
#include "os/shared_region.hpp"

namespace mtask::copy {
namespace {

constexpr std::uint32_t kMostWorkers = 256;

Result<void> validate(const Config& config) {
  if (config.workers < 1 || config.workers > kMostWorkers) return Unexpected(usage_error("workers: 1 to 256"));
  if (config.files_from && config.sources.size() != 1) {
    return Unexpected(usage_error("a list of files goes with one source"));
  }
  if (config.files_from && config.remove_extraneous) {
    return Unexpected(usage_error("--delete doesn't go with a list of files: what is not listed would be deleted"));
  }
  if (config.min_size && config.max_size && *config.min_size > *config.max_size) {
    return Unexpected(usage_error("the smallest size is larger than the largest"));
  }
  if (config.backup_suffix && (config.backup_suffix->empty() || config.backup_suffix->find('/') != std::string::npos)) {
    return Unexpected(usage_error("a backup suffix must be a non-empty part of a name, without '/'"));
  }
  return {};
}

// No source can be had: each is told, the last one as the run's error.
Unexpected nothing_to_copy(Events& events, std::vector<Error> missing) {
  for (std::size_t i = 0; i + 1 < missing.size(); ++i) tell_failure(events, missing[i]);
  return Unexpected(std::move(missing.back()));
}

}  // namespace

Result<Summary> run(const Config& config, Events& events, StopToken stop) {
  const auto begin = std::chrono::steady_clock::now();
  if (auto valid = validate(config); !valid) return Unexpected(std::move(valid).error());
  auto filters = FilterRules::compile(config.filters);
  if (!filters) return Unexpected(std::move(filters).error());
  auto operands = resolve_operands(config);
  if (!operands) return Unexpected(std::move(operands).error());
  if (operands->roots.empty()) return nothing_to_copy(events, std::move(operands->refused));
  auto board = Board::create(config.workers + 1, static_cast<std::uint32_t>(operands->roots.size()));
  if (!board) return Unexpected(std::move(board).error());
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return Unexpected(system_error(ErrorKind::kUnavailable, errno, "cannot create an eventfd"));
  auto ring_memory = os::SharedRegion::map(workers::EventRing::room() * (config.workers + 1));
  if (!ring_memory) return Unexpected(std::move(ring_memory).error());

  const mode_t mask = ::umask(0);
  ::umask(mask);
  timespec start{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &start);  // the clock that file systems stamp with
  RunState state{config,
                 events.detail(),
                 std::move(operands->roots),
                 *std::move(filters),
                 std::nullopt,
                 TemporaryNames(),
                 ::geteuid(),
                 ::getegid(),
                 mask,
                 start,
                 Phase::kCopy,
                 0,
                 *std::move(board),
                 {}};
  if (config.files_from) {
    state.listed.emplace(*config.files_from);
    if (!state.listed->refused().empty()) {
      return Unexpected(
          usage_error("a listed path leads out of the source: " + quote(state.listed->refused().front())));
    }
  }
  for (std::uint32_t id = 0; id <= config.workers; ++id) state.rings.emplace_back(*ring_memory, wake.get());

  Supervisor supervisor(state, events, stop, std::move(wake));
  for (const Error& refused : operands->refused) supervisor.fail(refused);
  for (const std::string& warning : operands->warnings) supervisor.warn(warning);
  if (operands->makes_destination) supervisor.made_destination(operands->destination);
  if (auto worked = supervisor.work(); !worked) return Unexpected(std::move(worked).error());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  Summary summary = supervisor.summary(seconds.count());
  summary.destination = operands->destination;
  return summary;
}

}  // namespace mtask::copy
