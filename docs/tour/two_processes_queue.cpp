// One process downloads, another analyses what comes; a queue between them: two_processes_queue [PAGES]

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

#include "mtask/shared_queue.hpp"

namespace {

using Pages = mtask::shared_queue<std::string>;

// The network is slow: the queue is often empty before the last page.
void download(Pages& pages, int count) {
  for (int page = 1; page <= count; ++page) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    pages.push("page " + std::to_string(page)).value();
  }
}

void analyse(Pages& pages) {
  int count = 0;
  while (const auto page = pages.pop().value()) {
    std::cout << "analysed " << *page << '\n';
    ++count;
  }
  std::cout << count << " pages" << std::endl;
}

pid_t start(const std::function<void()>& work) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    work();
    ::_exit(0);
  }
  return pid;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 10;
  Pages pages(3);
  const pid_t downloader = start([&] { download(pages, count); });
  const pid_t analyser = start([&] { analyse(pages); });
  if (downloader == -1 || analyser == -1) std::cerr << "cannot start a process\n";
  // Who waits for the producer closes: so the consumer's end comes however the producer ends.
  ::waitpid(downloader, nullptr, 0);
  pages.close();
  int status = 0;
  return analyser != -1 && ::waitpid(analyser, &status, 0) == analyser && status == 0 ? 0 : 1;
}
