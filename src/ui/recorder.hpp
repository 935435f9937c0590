#pragma once
// Remembers a run in bounded memory, for the report and the trace: what ran when on which worker.
//
// Single spans are kept up to a limit (those that come later are only counted); totals, lanes, throughput, the slowest
// items and the first failures are right for runs of any length. About 48 bytes and its name for a span. Not
// thread-safe.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mtask/events.hpp"
#include "ui/time_buckets.hpp"

namespace mtask::ui {

enum class Outcome : std::uint8_t { kDone, kSkipped, kRetried, kFailed, kUnfinished };
inline constexpr std::size_t kOutcomes = 5;
[[nodiscard]] std::string_view to_string(Outcome outcome);

// One try at one item. Times in nanoseconds since the run began.
struct Span {
  std::uint64_t begin = 0;
  std::uint64_t duration = 0;
  std::uint64_t item = 0;
  std::uint64_t bytes = 0;
  std::uint64_t name_offset = 0;
  std::uint32_t name_size = 0;
  std::uint16_t lane = 0;
  Outcome outcome = Outcome::kDone;
  std::uint8_t action = 0;
};

// One worker's time.
struct Lane {
  std::uint32_t worker = kNoWorker;
  std::int32_t pid = 0;  // the last one known; 0: unknown
  TimeBuckets busy;      // seconds in which an item was held
  TimeBuckets items;     // spans that ended
  TimeBuckets troubles;  // of these, failed or retried
};

struct SlowItem {
  double begin = 0;  // seconds
  double seconds = 0;
  std::uint64_t bytes = 0;
  std::uint32_t worker = kNoWorker;
  Outcome outcome = Outcome::kDone;
  std::string name;
};

struct Failure {
  double time = 0;  // seconds
  std::uint32_t worker = kNoWorker;
  std::string name;
  std::string detail;
};

class Recorder {
 public:
  struct Limits {
    std::size_t spans = 2'000'000;
    std::size_t name_bytes = std::size_t{128} << 20U;
    std::size_t failures = 1'000;
    std::size_t slowest = 30;
  };

  explicit Recorder(MonotonicTime began) : Recorder(began, Limits{}) {}
  Recorder(MonotonicTime began, Limits limits) : began_(began), limits_(limits) {}

  void event(const Event& event);
  void progress(const Progress& progress);
  // Ends the run: items still open become kUnfinished. Call once, before reading.
  void close(MonotonicTime end);

  [[nodiscard]] double seconds() const { return seconds_; }  // from the beginning to close()
  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }
  [[nodiscard]] std::uint64_t spans_left_out() const { return left_out_; }
  [[nodiscard]] std::string_view name(const Span& span) const {
    return std::string_view(names_).substr(span.name_offset, span.name_size);
  }
  [[nodiscard]] const std::vector<std::string>& actions() const { return actions_; }
  [[nodiscard]] const std::vector<Lane>& lanes() const { return lanes_; }
  [[nodiscard]] const TimeBuckets& bytes() const { return bytes_; }
  [[nodiscard]] const TimeBuckets& items() const { return items_; }
  [[nodiscard]] std::uint64_t count(Outcome outcome) const { return counts_[static_cast<std::size_t>(outcome)]; }
  [[nodiscard]] const std::vector<SlowItem>& slowest() const { return slowest_; }  // after close(): slowest first
  [[nodiscard]] const std::vector<Failure>& failures() const { return failures_; }

 private:
  struct Open {
    std::uint64_t begin = 0;
    std::uint32_t worker = kNoWorker;
    std::string name;
    std::string action;
  };

  [[nodiscard]] std::uint64_t since_began(MonotonicTime time) const;
  [[nodiscard]] std::uint16_t lane_of(std::uint32_t worker);
  [[nodiscard]] std::uint8_t action_of(std::string_view action);
  void end_span(const Event& event, Outcome outcome);
  void add_span(std::uint64_t begin, std::uint64_t end, std::uint32_t worker, const Event& event, Outcome outcome);
  void keep_if_slow(std::uint64_t begin, std::uint64_t end, std::uint32_t worker, const Event& event, Outcome outcome);

  MonotonicTime began_;
  Limits limits_;
  double seconds_ = 0;
  std::unordered_map<std::uint64_t, Open> open_;
  std::vector<Span> spans_;
  std::string names_;
  std::uint64_t left_out_ = 0;
  std::vector<std::string> actions_;
  std::vector<Lane> lanes_;
  std::map<std::uint32_t, std::uint16_t> lane_of_worker_;
  TimeBuckets bytes_;
  TimeBuckets items_;
  std::array<std::uint64_t, kOutcomes> counts_{};
  std::vector<SlowItem> slowest_;  // a heap with the quickest on top, until close()
  std::vector<Failure> failures_;
};

}  // namespace mtask::ui
