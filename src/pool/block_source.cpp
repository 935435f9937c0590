#include "pool/block_source.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "os/syscall.hpp"
#include "pool/block_splitter.hpp"
#include "pool/command_template.hpp"
#include "pool/stepped_source.hpp"

namespace mtask::pool {
namespace {

constexpr std::string_view kInput = "cannot read standard input";

class BlockSource final : public SteppedSource {
 public:
  BlockSource(CommandTemplate command, BlockSplitter splitter, int input, bool pollable)
      : command_(std::move(command)), splitter_(std::move(splitter)), input_(input), pollable_(pollable) {
    if (pollable_) prepare();
  }

  [[nodiscard]] std::optional<std::uint64_t> total() const override { return total_; }

 protected:
  Result<Step> build(JobSpec& spec) override {
    std::string block;
    Step step = splitter_.next(block);
    while (step == Step::kWait && !pollable_) {
      if (Result<void> filled = fill(); !filled) return Unexpected(std::move(filled).error());
      step = splitter_.next(block);
    }
    if (step == Step::kEnd) total_ = seq_;
    if (step != Step::kGot) return step;
    const std::string_view none;
    command_.render(spec, {std::span(&none, 1), true, ++seq_, std::nullopt});
    spec.block = std::move(block);
    return step;
  }

  Result<void> fill() override {
    const std::span<char> space = splitter_.space();
    for (;;) {
      const ssize_t count = os::retry([&] { return ::read(input_, space.data(), space.size()); });
      if (count >= 0) {
        splitter_.added(static_cast<std::size_t>(count));
        if (count == 0) pollable_ = false;
        return {};
      }
      if (errno != EAGAIN) return Unexpected(system_error(ErrorKind::kUnavailable, errno, std::string(kInput)));
      pollfd waited{input_, POLLIN, 0};  // somebody made it non-blocking
      if (os::retry([&] { return ::poll(&waited, 1, -1); }) == -1)
        return Unexpected(system_error(ErrorKind::kUnavailable, errno, std::string(kInput)));
    }
  }
  [[nodiscard]] int fd() const override { return pollable_ ? input_ : -1; }
  [[nodiscard]] bool may_wait() const override { return pollable_; }

 private:
  CommandTemplate command_;
  BlockSplitter splitter_;
  int input_;
  bool pollable_;
  std::optional<std::uint64_t> total_;
  std::uint64_t seq_ = 0;
};

}  // namespace

Result<std::unique_ptr<JobSource>> open_blocks(const Config& config, int standard_input) {
  Result<CommandTemplate> command = CommandTemplate::compile(config, {});
  if (!command) return Unexpected(std::move(command).error());
  if (command->needs_total())
    return Unexpected(usage_error("with --pipe the number of jobs ({##}, {0#}) is not known before the input ended"));
  Result<BlockSplitter> splitter = BlockSplitter::create(*config.pipe, config.inputs.no_run_if_empty);
  if (!splitter) return Unexpected(std::move(splitter).error());
  struct stat status {};
  if (::fstat(standard_input, &status) == -1)
    return Unexpected(system_error(ErrorKind::kUnavailable, errno, std::string(kInput)));
  if (S_ISDIR(status.st_mode)) return Unexpected(system_error(ErrorKind::kUnavailable, EISDIR, std::string(kInput)));
  const bool pollable = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ||
                        (S_ISCHR(status.st_mode) && ::isatty(standard_input) == 1);
  return std::unique_ptr<JobSource>(
      std::make_unique<BlockSource>(*std::move(command), *std::move(splitter), standard_input, pollable));
}

}  // namespace mtask::pool
