#include "cli/pool_command.hpp"

#include <chrono>

#include "cli/pool_arguments.hpp"
#include "cli/pool_summary.hpp"
#include "cli/pool_talk.hpp"

namespace mtask::cli {
namespace {

class PoolAction final : public Action {
 public:
  void add_options(OptionTable& table) override { add_pool_options(table, arguments_); }
  Result<void> run(Context& context, std::vector<std::string> operands) override;

 private:
  Result<void> conclude(Context& context, ui::Ui& ui, const pool::Config& config, const pool::Summary& summary) const;

  PoolArguments arguments_;
};

void warn(ui::Ui& ui, const std::string& text) {
  Event event;
  event.kind = Event::Kind::kWarning;
  event.time = std::chrono::steady_clock::now();
  event.detail = text;
  ui.event(event);
}

std::string how_to_go_on(const pool::Config& config) {
  if (config.dry_run) return "";
  if (!config.joblog) return "; with --joblog FILE it could be continued by --resume";
  const bool retries = config.resume == pool::Resume::kRetryFailed;
  return retries ? "; the same command continues" : "; the same command with --resume continues";
}

// The run is over; what it amounts to, for the exit code.
Result<void> outcome(Context& context, const pool::Config& config, const pool::Summary& summary) {
  if (summary.reader_left) context.out.set_reader_left();
  if (summary.interrupted) {
    return Unexpected(Error{ErrorKind::kInterrupted, {}, "interrupted" + how_to_go_on(config)});
  }
  if (summary.reader_left || summary.exit_status == 0) return {};
  context.status = summary.exit_status;
  return Unexpected(Error{ErrorKind::kItem, {}, ""});
}

Result<void> PoolAction::conclude(Context& context, ui::Ui& ui, const pool::Config& config,
                                  const pool::Summary& summary) const {
  auto closed = ui.finish(pool_summary_values(config, summary));
  const bool shown = context.error_is_terminal || arguments_.shared.progress == ui::ProgressMode::kAlways;
  const bool wanted = shown || arguments_.shared.verbosity > 0;
  if (wanted && !arguments_.shared.quiet && !config.dry_run) ui.message(pool_summary_line(summary));
  auto ended = outcome(context, config, summary);
  if (closed) return ended;
  if (ended) return closed;
  tell(context, closed.error().message());
  return ended;
}

Result<void> PoolAction::run(Context& context, std::vector<std::string> operands) {
  context.strict_pipe = arguments_.shared.strict_pipe;
  auto config = finish_pool_config(arguments_, std::move(operands));
  if (!config) return Unexpected(std::move(config).error());
  if (auto opened = open_log(arguments_.shared); !opened) return opened;
  ui::Options options = ui_options(arguments_.shared, "pool");
  options.items = "jobs";
  options.name_key = "command";
  options.verbosity = arguments_.shared.verbosity > 1 ? 1 : 0;  // items are told by PoolTalk
  options.trouble_text = pool_trouble;
  auto ui = ui::open(options);
  if (!ui) return Unexpected(std::move(ui).error());
  config->before_output = [&ui = **ui] { ui.make_room(); };
  if (arguments_.jobs && arguments_.jobs->is_file()) {
    config->slots_now = watch_jobs(*arguments_.jobs, [&ui = **ui](const std::string& text) { warn(ui, text); });
  }
  const bool quiet = arguments_.shared.quiet;
  PoolTalk talk(**ui, arguments_.shared.verbosity > 0 && !quiet, context.error_is_terminal && !quiet,
                context.stop.token());
  auto summary = pool::run(*config, talk, context.stop.token());
  if (!summary) {
    const std::string message = summary.error().message();
    auto closed = (*ui)->finish({{"error", message}});
    if (!closed) tell(context, closed.error().message());
    return Unexpected(std::move(summary).error());
  }
  return conclude(context, **ui, *config, *summary);
}

}  // namespace

std::unique_ptr<Action> make_pool() { return std::make_unique<PoolAction>(); }

}  // namespace mtask::cli
