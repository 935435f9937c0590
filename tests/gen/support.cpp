#include "gen/support.hpp"

#include <catch2/catch.hpp>

#include "gen/builder.hpp"
#include "gen/random.hpp"
#include "gen/syntax/parser.hpp"
#include "mtask/event_loop.hpp"

namespace mtask::test {
namespace {

task<void> pull_all(gen::StreamPtr stream, std::uint64_t seed, Pulled& into) {
  gen::Random random(seed);
  gen::Batch batch;
  for (;;) {
    const std::size_t want = 1 + random.below(random.below(4) == 0 ? 2000 : 7);
    const Result<void> done = co_await stream->pull(batch, want);
    if (!done) into.error = done.error().message();
    if (!done || batch.empty()) break;
    if (batch.size() > want) into.error = "more than was asked for";
    for (std::size_t i = 0; i < batch.size(); ++i) {
      into.values.emplace_back();
      batch.append_value(i, " ", into.values.back());
    }
  }
  co_await stream->close();
}

}  // namespace

Pulled pulled(const std::string& pipeline, std::uint64_t seed) {
  Pulled pulled_values;
  gen::Runtime runtime;
  runtime.report = [](const Error&) {};
  auto parsed = gen::parse_text(pipeline);
  auto built = parsed ? gen::build(*parsed, runtime) : Result<gen::StreamPtr>(Unexpected(parsed.error()));
  if (!built) {
    pulled_values.error = built.error().message();
    return pulled_values;
  }
  event_loop loop;
  loop.run(pull_all(std::move(*built), seed, pulled_values));
  return pulled_values;
}

std::vector<std::string> values_of(const std::string& pipeline, std::uint64_t seed) {
  const Pulled pulled_values = pulled(pipeline, seed);
  INFO(pipeline);
  CHECK(pulled_values.error.empty());
  return pulled_values.values;
}

}  // namespace mtask::test
