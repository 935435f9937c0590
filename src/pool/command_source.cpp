#include "pool/command_source.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "pool/packer.hpp"
#include "pool/pattern.hpp"
#include "pool/stepped_source.hpp"

namespace mtask::pool {
namespace {

class CommandSource final : public SteppedSource {
 public:
  CommandSource(const Config& config, RecordSource records) : config_(config), records_(std::move(records)) {
    config_.inputs.sources.clear();  // records_ has them
  }

  // The parts that need an address that stays.
  Result<void> begin() {
    // Also without the header's names a wrong template is found before anything is read.
    Result<CommandTemplate> command = CommandTemplate::compile(config_, {});
    if (!command) return Unexpected(std::move(command).error());
    if (may_wait()) {
      prepare();
      return {};
    }
    const Result<Step> step = within_pattern_limits([&] { return with_names(); });
    return step ? Result<void>() : Unexpected(step.error());
  }

  [[nodiscard]] std::optional<std::uint64_t> total() const override { return total_; }

 protected:
  Result<Step> build(JobSpec& spec) override {
    if (!packer_) {
      Result<Step> step = with_names();
      if (!step || *step == Step::kWait) return step;
    }
    Result<Step> step = packer_->next();
    if (!step || *step == Step::kWait) return step;
    if (*step == Step::kEnd) {
      total_ = seq_;
      return step;
    }
    if (seq_ == 0) total_ = packer_->total();
    command_->render(spec, {packer_->values(), packer_->inserts_values(), ++seq_, total_});
    if (config_.results) {
      for (const Record& record : packer_->records()) append_named(spec, record);
    }
    return step;
  }

  Result<void> fill() override { return records_.fill(); }
  [[nodiscard]] int fd() const override { return records_.fd(); }
  [[nodiscard]] bool may_wait() const override { return records_.may_wait(); }

 private:
  Result<Step> with_names() {
    Result<Step> step = records_.read_names();
    if (!step || *step == Step::kWait) return step;
    Result<CommandTemplate> command = CommandTemplate::compile(config_, records_.names());
    if (!command) return Unexpected(std::move(command).error());
    command_ = *std::move(command);
    if (command_->needs_total() && config_.inputs.packing != Inputs::Packing::kNone)
      return Unexpected(
          usage_error("with -m and -X the number of jobs ({##}, {0#}) is not known before the input ended"));
    if (command_->needs_total() || config_.halt.percent > 0) records_.count_first();
    packer_.emplace(records_, *command_, config_.inputs, config_.slots);
    total_ = packer_->total();
    return step;
  }

  [[nodiscard]] std::string name_of(std::size_t column) const {
    return column < records_.names().size() ? records_.names()[column] : std::to_string(column + 1);
  }

  void append_named(JobSpec& spec, const Record& record) const {
    for (std::size_t column = 0; column < record.size(); ++column)
      spec.values.emplace_back(name_of(column), record[column]);
  }

  Config config_;
  RecordSource records_;
  std::optional<CommandTemplate> command_;
  std::optional<Packer> packer_;
  std::optional<std::uint64_t> total_;
  std::uint64_t seq_ = 0;
};

}  // namespace

Result<std::unique_ptr<JobSource>> open_commands(const Config& config, int standard_input) {
  Result<RecordSource> records = RecordSource::open(config.inputs, standard_input);
  if (!records) return Unexpected(std::move(records).error());
  auto source = std::make_unique<CommandSource>(config, *std::move(records));
  if (Result<void> begun = source->begin(); !begun) return Unexpected(std::move(begun).error());
  return std::unique_ptr<JobSource>(std::move(source));
}

}  // namespace mtask::pool
