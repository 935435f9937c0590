#pragma once
// Stream: a stage at work. Who wants values pulls them; nothing runs ahead of what was asked for, but where a stage
// says so.
//
// A pipeline is a chain of these, each owning the one that it pulls from. All belong to one event loop and its thread.
// Between pull()s a stream may have tasks of its own under way: call close() and wait for it before destroying one that
// has been pulled from.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gen/batch.hpp"
#include "mtask/result.hpp"
#include "mtask/task.hpp"

namespace mtask::gen {

class IndexedView;

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // Replaces `out` by the next values, at least one and at most `want` (which is above 0), as soon as there are some.
  // An empty `out` is the end; do not pull again after it or after an error. What came before an error was handed out
  // before it.
  [[nodiscard]] virtual task<Result<void>> pull(Batch& out, std::size_t want) = 0;

  // Ends its tasks and children, and those of the streams below.
  [[nodiscard]] virtual task<void> close() = 0;

  // Its values come when they come, so whoever writes them shall not wait for more.
  [[nodiscard]] virtual bool live() const = 0;

  // The same values by their numbers, where a value can be had without those before it. Ask before the first pull.
  [[nodiscard]] virtual std::unique_ptr<IndexedView> indexed() const;

  // What the stream returned, after its end.
  [[nodiscard]] virtual std::string returned() const { return "ok"; }
};

using StreamPtr = std::unique_ptr<Stream>;

// A stream that has no tasks and waits for nothing.
class Source : public Stream {
 public:
  [[nodiscard]] task<void> close() override;
  [[nodiscard]] bool live() const override { return false; }
};

// A stream on top of one other.
class Combinator : public Stream {
 public:
  explicit Combinator(StreamPtr upstream) : upstream_(std::move(upstream)) {}
  [[nodiscard]] task<void> close() override { return upstream_->close(); }
  [[nodiscard]] bool live() const override { return upstream_->live(); }
  [[nodiscard]] std::string returned() const override { return upstream_->returned(); }

 protected:
  [[nodiscard]] Stream& upstream() const noexcept { return *upstream_; }

 private:
  StreamPtr upstream_;
};

// A combinator that makes a batch of each batch that it is given, by map(). An empty result is no end: the next is
// asked for.
class BatchCombinator : public Combinator {
 public:
  using Combinator::Combinator;
  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override;

 protected:
  // Changes `batch`, in place. A failure may leave values in it: these are handed out before the failure is.
  [[nodiscard]] virtual Result<void> map(Batch& batch) = 0;
  // How much to ask for when `want` values are wanted.
  [[nodiscard]] virtual std::size_t ask(std::size_t want) const { return want; }
  // No further values are needed.
  [[nodiscard]] virtual bool done() const { return false; }

 private:
  std::optional<Error> pending_;
};

}  // namespace mtask::gen
