// Copies a folder with a pool of worker processes, and prints what was done: folder_copy SRC DST [WORKERS]

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "mtask/copy.hpp"

namespace {

// Hears of every entry. All calls come on the thread that called run().
class Printer final : public mtask::Events {
 public:
  void event(const mtask::Event& event) override {
    using Kind = mtask::Event::Kind;
    if (event.kind == Kind::kFinished) {
      std::cout << event.action << ' ' << event.name << " (worker " << event.worker << ")\n";
    } else if (event.kind != Kind::kStarted && event.kind != Kind::kSkipped) {
      std::cerr << event.detail << '\n';
    }
  }
  void progress(const mtask::Progress&) override {}
  [[nodiscard]] Detail detail() const override { return Detail::kItems; }
  [[nodiscard]] bool progress_wanted() const override { return false; }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::cerr << "usage: folder_copy SRC DST [WORKERS]\n";
    return 2;
  }
  mtask::copy::Config config;
  config.sources = {argv[1]};
  config.destination = argv[2];
  config.workers = static_cast<unsigned>(std::clamp(argc == 4 ? std::atoi(argv[3]) : 3, 1, 256));

  Printer printer;
  const auto summary = mtask::copy::run(config, printer, {});
  if (!summary) {
    std::cerr << summary.error().message() << '\n';
    return 3;
  }
  if (summary->out_of_space) std::cerr << summary->stop_message << '\n';
  std::cout << summary->files << " files, " << summary->bytes << " bytes in " << summary->seconds << " s\n";
  return summary->failed > 0 || summary->out_of_space ? 1 : 0;
}
