#pragma once
// A JobSource whose next job is prepared ahead where its input may block, so that input_fd() can tell whether next()
// would.

#include <optional>

#include "mtask/result.hpp"
#include "pool/job.hpp"
#include "pool/value_reader.hpp"

namespace mtask::pool {

class SteppedSource : public JobSource {
 public:
  [[nodiscard]] Result<std::optional<JobSpec>> next() final;
  [[nodiscard]] int input_fd() const final;
  void take_input() final;

 protected:
  // Fills in the next job as far as that goes without a read that may block.
  [[nodiscard]] virtual Result<Step> build(JobSpec& spec) = 0;
  // One read of what build() waits for, and its descriptor.
  [[nodiscard]] virtual Result<void> fill() = 0;
  [[nodiscard]] virtual int fd() const = 0;
  // fd() may be something else than -1 from now on.
  [[nodiscard]] virtual bool may_wait() const = 0;

  // To be called once the object is complete, and after each job that was given.
  void prepare();

 private:
  std::optional<JobSpec> ready_;
  std::optional<Error> error_;
  bool ended_ = false;
};

}  // namespace mtask::pool
