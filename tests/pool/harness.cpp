#include "harness.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>

#include "support/files.hpp"

namespace mtask::test {
ListedJobs::ListedJobs(std::vector<pool::JobSpec> jobs)
    : count_(jobs.size()), make_([listed = std::move(jobs)](std::uint64_t seq) { return listed[seq - 1]; }) {}

ListedJobs::ListedJobs(std::uint64_t count, std::function<pool::JobSpec(std::uint64_t)> make)
    : count_(count), make_(std::move(make)) {}

Result<std::optional<pool::JobSpec>> ListedJobs::next() {
  if (next_ > count_) return std::optional<pool::JobSpec>();
  pool::JobSpec job = make_(next_);
  job.seq = next_++;
  return std::optional<pool::JobSpec>(std::move(job));
}

pool::JobSpec command(std::vector<std::string> argv) {
  pool::JobSpec job;
  for (const std::string& word : argv) job.shown += (job.shown.empty() ? "" : " ") + word;
  job.argv = std::move(argv);
  return job;
}

pool::JobSpec shell(const std::string& text) {
  pool::JobSpec job = command({"/bin/sh", "-c", text});
  job.shown = text;
  return job;
}

std::vector<pool::JobSpec> shells(const std::vector<std::string>& texts) {
  std::vector<pool::JobSpec> jobs;
  for (const std::string& text : texts) jobs.push_back(shell(text));
  return jobs;
}

void SeenEvents::event(const Event& event) {
  seen.push_back({event.kind, event.item, std::string(event.name), std::string(event.detail)});
  if (on_event) on_event(event);
}

void SeenEvents::progress(const Progress& progress) { on_progress(progress); }

std::vector<SeenEvent> SeenEvents::of(Event::Kind kind) const {
  std::vector<SeenEvent> found;
  for (const SeenEvent& event : seen) {
    if (event.kind == kind) found.push_back(event);
  }
  return found;
}

std::string SeenEvents::text() const {
  std::string result;
  for (const SeenEvent& event : seen) result += event.detail + "\n";
  return result;
}

PoolRun run_pool(pool::Config config, pool::JobSource& jobs, StopToken stop, SeenEvents events) {
  const TempDir scratch;
  if (!config.tmpdir) config.tmpdir = scratch.path();
  const Fd out(::memfd_create("out", MFD_CLOEXEC));
  const Fd err(::memfd_create("err", MFD_CLOEXEC));
  if (config.out_fd == 1) config.out_fd = out;
  if (config.err_fd == 2) config.err_fd = err;
  PoolRun run;
  run.events = std::move(events);
  auto result = pool::run_jobs(config, jobs, run.events, stop);
  if (!result) FAIL(result.error().message());
  run.summary = *result;
  run.out = content(out);
  run.err = content(err);
  for (const auto& entry : std::filesystem::directory_iterator(*config.tmpdir)) {
    run.left.push_back(entry.path().filename());
  }
  return run;
}

PoolRun run_pool(pool::Config config, pool::JobSource& jobs, StopToken stop) {
  return run_pool(std::move(config), jobs, stop, {});
}

PoolRun run_pool(pool::Config config, std::vector<pool::JobSpec> jobs, StopToken stop) {
  ListedJobs listed(std::move(jobs));
  return run_pool(std::move(config), listed, stop, {});
}

std::string content(int fd) {
  std::string text;
  char buffer[65536];
  off_t at = 0;
  for (ssize_t count = 0; (count = ::pread(fd, buffer, sizeof(buffer), at)) > 0; at += count) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

pool::Config with_slots(unsigned slots) {
  pool::Config config;
  config.slots = slots;
  return config;
}

bool soon(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

}  // namespace mtask::test
