#pragma once
// Runs pipelines in a test's own event loop and collects what they bring.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gen/builder.hpp"
#include "gen/runtime.hpp"
#include "gen/stream.hpp"
#include "gen/syntax/parser.hpp"
#include "mtask/event_loop.hpp"
#include "mtask/scope.hpp"
#include "mtask/task.hpp"

namespace mtask::test {

struct Collected {
  std::vector<std::string> values;  // fields parted by '|'
  std::optional<std::string> error;
  std::string returned;
};

inline task<> collect_into(gen::Stream& stream, std::size_t want, std::size_t most, Collected& all) {
  gen::Batch batch;
  while (all.values.size() < most) {
    Result<void> pulled = co_await stream.pull(batch, want);
    if (!pulled) {
      all.error = pulled.error().message();
      break;
    }
    if (batch.empty()) {
      all.returned = stream.returned();
      break;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::string value;
      batch.append_value(i, "|", value);
      all.values.push_back(std::move(value));
    }
  }
}

inline task<> collect_and_close(gen::StreamPtr stream, std::size_t want, std::size_t most, Collected& all) {
  scope outer("test");
  const gen::StreamPtr owned = std::move(stream);
  outer.spawn(collect_into(*owned, want, most, all), "collect");
  co_await outer.join();
  co_await owned->close();
  co_await owned->close();
}

// What the pipeline brings, asked for `want` values at a time until there are `most`. Each is closed, twice. A pipeline
// that cannot be built fails with that error.
inline Collected collect(const std::string& text, gen::Runtime runtime = {}, std::size_t want = 512,
                         std::size_t most = SIZE_MAX) {
  Collected all;
  auto parsed = gen::parse_text(text);
  auto built = parsed ? gen::build(*parsed, runtime) : Result<gen::StreamPtr>(Unexpected(parsed.error()));
  if (!built) {
    all.error = built.error().message();
    return all;
  }
  event_loop loop;
  loop.run(collect_and_close(*std::move(built), want, most, all));
  return all;
}

}  // namespace mtask::test
