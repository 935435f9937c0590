#include "cli/gen_command.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/units.hpp"
#include "cli/gen_arguments.hpp"

namespace mtask::cli {
namespace {

class GenAction final : public Action {
 public:
  void add_options(OptionTable& table) override { add_gen_options(table, arguments_); }
  Result<void> run(Context& context, std::vector<std::string> operands) override;

 private:
  Result<gen::Config> finish_config(const Context& context, std::vector<std::string> operands);

  GenArguments arguments_;
};

std::string seconds(std::chrono::steady_clock::duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", std::chrono::duration<double>(time).count());
  return text;
}

void warn(ui::Ui& ui, const std::string& text) {
  Event event;
  event.kind = Event::Kind::kWarning;
  event.time = std::chrono::steady_clock::now();
  event.detail = text;
  ui.event(event);
}

Result<gen::Config> GenAction::finish_config(const Context& context, std::vector<std::string> operands) {
  gen::Config config = arguments_.config;
  if (config.text && !operands.empty()) {
    return Unexpected(usage_error("a pipeline is given twice: by --expression and by words"));
  }
  if (!config.text && operands.empty()) {
    return Unexpected(usage_error("a pipeline is missing, such as range 1 10; see 'mtask gen --help'"));
  }
  gen::Format& format = config.format;
  if (arguments_.null_separated) format.separator = std::string(1, '\0');
  if (arguments_.separator) {
    format.separator = *arguments_.separator;
    format.separator_between = true;
  }
  if (config.tmpdir.empty()) config.tmpdir = context.environment.get("TMPDIR").value_or("/tmp");
  config.arguments = std::move(operands);
  return config;
}

ui::SummaryFields summary_values(const gen::Summary& summary) {
  return {{"values", summary.values},
          {"bytes", summary.bytes},
          {"failed", summary.failed},
          {"interrupted", summary.interrupted}};
}

Result<void> GenAction::run(Context& context, std::vector<std::string> operands) {
  context.strict_pipe = arguments_.shared.strict_pipe;
  auto config = finish_config(context, std::move(operands));
  if (!config) return Unexpected(std::move(config).error());
  if (auto checked = gen::check(*config); !checked) return checked;
  if (auto opened = open_log(arguments_.shared); !opened) return opened;
  ui::Options options = ui_options(arguments_.shared, "gen");
  options.items = "values";
  options.name_key = "source";
  if (options.progress == ui::ProgressMode::kAuto) options.progress = ui::ProgressMode::kNever;
  auto ui = ui::open(options);
  if (!ui) return Unexpected(std::move(ui).error());
  const auto begin = std::chrono::steady_clock::now();
  if (arguments_.trace_turns) {
    config->trace = [&ui = **ui, begin](std::string_view stage, std::string_view from, std::string_view to) {
      ui.line(seconds(std::chrono::steady_clock::now() - begin) + " s  " + std::string(stage) + ": " +
              std::string(from) + " -> " + std::string(to));
    };
  }
  if (arguments_.shared.verbosity > 0) {
    config->blocked = [&ui = **ui](std::string_view task, std::chrono::nanoseconds time) {
      warn(ui, "task '" + std::string(task) + "' kept the others waiting for " + format_duration(time));
    };
  }
  context.stop.on_request(gen::interrupt_expressions);
  auto summary = gen::run(*config, **ui, context.stop.token());
  if (!summary) {
    auto closed = (*ui)->finish({{"error", summary.error().message()}});
    if (!closed) tell(context, closed.error().message());
    return Unexpected(std::move(summary).error());
  }
  auto closed = (*ui)->finish(summary_values(*summary));
  if (summary->reader_left) context.out.set_reader_left();
  if (arguments_.show_return)
    (*ui)->line("return: " + summary->returned.value_or("nothing, it was left before its end"));
  if (arguments_.shared.verbosity > 0 && !arguments_.shared.quiet) {
    (*ui)->message(format_count(summary->values) + " values, " + format_size(summary->bytes) + " in " +
                   format_duration(std::chrono::steady_clock::now() - begin));
  }
  if (summary->interrupted) return Unexpected(Error{ErrorKind::kInterrupted, {}, "interrupted"});
  if (!closed) return closed;
  if (summary->failed > 0) return Unexpected(Error{ErrorKind::kItem, {}, ""});
  return {};
}

}  // namespace

std::unique_ptr<Action> make_gen() { return std::make_unique<GenAction>(); }

}  // namespace mtask::cli
