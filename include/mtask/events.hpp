#pragma once
// What an engine tells while it runs. Progress bar, JSON lines, HTML report and trace all listen to this one stream;
// an engine prints nothing itself.
//
// Thread-safety: an engine calls its Events from one thread only (the one that called run()).
// Lifetime: every string_view in an Event is valid during the call alone; copy what is kept. Names are raw bytes as
// the system gave them: they may hold newlines and invalid UTF-8.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mtask {

using MonotonicTime = std::chrono::steady_clock::time_point;

inline constexpr std::uint32_t kNoWorker = UINT32_MAX;  // the supervisor itself

struct Event {
  enum class Kind : std::uint8_t {
    kStarted,   // a worker took the item
    kFinished,  // the item is done; `action` says what was done, `bytes` how much
    kSkipped,   // nothing had to be done
    kFailed,    // given up; `detail` is the reason, one line
    kRetried,   // will be tried again; `detail` says why
    kWarning,   // worth telling, and no failure; `name` may be empty
  };
  Kind kind = Kind::kStarted;
  std::uint32_t worker = kNoWorker;  // 0-based
  std::uint64_t item = 0;            // the same number in all events of one item; 0: no item
  MonotonicTime time{};
  std::string_view name;    // path, URL or command
  std::string_view action;  // one word: "copy", "link", "mkdir", "delete", …
  std::uint64_t bytes = 0;
  std::string_view detail;
};

// What one worker does at this moment.
struct WorkerStatus {
  std::int32_t pid = 0;      // 0: none
  std::uint64_t items = 0;   // finished so far
  std::uint64_t bytes = 0;   // moved so far
  std::string_view current;  // what it holds; empty: it waits for work
};

// A snapshot of the whole run. Totals are known once the look-ahead is through; until then they are a lower bound.
struct Progress {
  MonotonicTime time{};
  std::uint64_t items_done = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t items_failed = 0;
  std::uint64_t items_total = 0;
  std::uint64_t bytes_total = 0;
  bool totals_known = false;
  std::span<const WorkerStatus> workers;
};

class Events {
 public:
  // How much an engine has to tell; less costs less.
  enum class Detail : std::uint8_t {
    kTroubles,  // kFailed, kRetried, kWarning
    kItems,     // also kFinished and kSkipped, one for each item
    kAll,       // also kStarted
  };

  virtual ~Events() = default;

  virtual void event(const Event& event) = 0;
  // Called about ten times a second when progress_wanted(), and once at the end.
  virtual void progress(const Progress& progress) = 0;

  [[nodiscard]] virtual Detail detail() const = 0;
  [[nodiscard]] virtual bool progress_wanted() const = 0;
};

}  // namespace mtask
