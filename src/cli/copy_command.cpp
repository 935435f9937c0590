#include "cli/copy_command.hpp"

#include <cerrno>

#include "cli/copy_arguments.hpp"
#include "cli/copy_outputs.hpp"
#include "cli/copy_summary.hpp"

namespace mtask::cli {
namespace {

class CopyAction final : public Action {
 public:
  void add_options(OptionTable& table) override { add_copy_options(table, arguments_); }
  Result<void> run(Context& context, std::vector<std::string> operands) override;

 private:
  Result<std::unique_ptr<ui::Ui>> open_ui(Context& context) const;
  Result<void> conclude(Context& context, ui::Ui& ui, const copy::Config& config, const copy::Summary& summary) const;

  CopyArguments arguments_;
};

Result<std::unique_ptr<ui::Ui>> CopyAction::open_ui(Context& context) const {
  ui::Options options = ui_options(arguments_.shared, "copy");
  options.items = "files";
  options.dry_run_lines = arguments_.config.dry_run;
  // Only a dry run has nothing to do but to tell.
  if (arguments_.config.dry_run) options.on_output_lost = [&context](const Error&) { context.stop.request(0); };
  return ui::open(options);
}

bool is_reader_gone(const Error& error) { return error.code == std::errc::broken_pipe; }

// The run is over; what it amounts to, for the exit code.
Result<void> outcome(const StopToken& stop, const copy::Summary& summary) {
  if (summary.interrupted) {
    // Without a request, no worker could be kept running; why was told as a failure.
    if (!stop.stop_requested()) return Unexpected(Error{ErrorKind::kUnavailable, {}, ""});
    const bool by_signal = stop.reason() > 0;
    const std::string_view advice = by_signal ? "interrupted; run the same command again to continue" : "";
    return Unexpected(Error{ErrorKind::kInterrupted, {}, std::string(advice)});
  }
  if (summary.out_of_space) return Unexpected(Error{ErrorKind::kUnavailable, {}, summary.stop_message});
  if (summary.failed > 0) return Unexpected(Error{ErrorKind::kItem, {}, ""});
  return {};
}

Result<void> CopyAction::conclude(Context& context, ui::Ui& ui, const copy::Config& config,
                                  const copy::Summary& summary) const {
  const ui::SummaryFields fields = summary_values(config, summary);
  auto closed = ui.finish(fields);
  if (!closed && is_reader_gone(closed.error())) context.out.set_reader_left();
  if (!arguments_.shared.quiet) ui.message(summary_line(config, summary));
  if (arguments_.stats) {
    Output error(STDERR_FILENO);
    Output& out = arguments_.shared.json_on_stdout() ? error : context.out;
    out.write(stats_table(fields));
    if (auto written = out.finish(); closed && !written) closed = std::move(written);
  }
  auto ended = outcome(context.stop.token(), summary);
  if (closed || is_reader_gone(closed.error())) return ended;
  closed.error().kind = ErrorKind::kItem;  // all was done but the telling
  // Its reason outweighs a dry run that it stopped.
  const bool stopped = summary.interrupted && context.stop.token().reason() == 0;
  if (ended || stopped) return closed;
  tell(context, closed.error().message());
  return ended;
}

Result<void> CopyAction::run(Context& context, std::vector<std::string> operands) {
  context.strict_pipe = arguments_.shared.strict_pipe;
  auto config = finish_copy_config(arguments_, std::move(operands));
  if (!config) return Unexpected(std::move(config).error());
  if (auto apart = keep_outputs_apart(arguments_.shared, *config); !apart) return apart;
  if (auto opened = open_log(arguments_.shared); !opened) return opened;
  auto ui = open_ui(context);
  if (!ui) return Unexpected(std::move(ui).error());
  config->count_ahead = (*ui)->totals_wanted();
  auto summary = copy::run(*config, **ui, context.stop.token());
  if (!summary) {
    const std::string message = summary.error().message();
    if (const auto closed = (*ui)->finish({{"error", message}}); !closed && is_reader_gone(closed.error())) {
      context.out.set_reader_left();
    }
    return Unexpected(std::move(summary).error());
  }
  return conclude(context, **ui, *config, *summary);
}

}  // namespace

std::unique_ptr<Action> make_copy() { return std::make_unique<CopyAction>(); }

}  // namespace mtask::cli
