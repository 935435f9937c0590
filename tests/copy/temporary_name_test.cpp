#include "copy/temporary_name.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "os/child.hpp"

using namespace mtask;
using copy::TemporaryNames;
using Owner = TemporaryNames::Owner;

namespace {

// ".mtask-NAMESPACE-PID-START-WORKER-NUMBER.tmp", apart.
std::vector<std::string> parts_of(std::string name) {
  name = name.substr(7, name.size() - 11);
  std::vector<std::string> parts;
  for (std::size_t at = 0; at != std::string::npos;) {
    const std::size_t end = name.find('-', at);
    parts.push_back(name.substr(at, end - at));
    at = end == std::string::npos ? end : end + 1;
  }
  return parts;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string name = ".mtask-";
  for (const std::string& part : parts) name += part + '-';
  name.back() = '.';
  return name + "tmp";
}

// A name made by another process, which stays until it is killed.
struct Other {
  Other() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const UniqueFd reader(ends[0]);
    const UniqueFd writer(ends[1]);
    process.emplace(os::Child::fork([&] {
                      const std::string made = TemporaryNames().make(1, 2);
                      if (::write(writer.get(), made.data(), made.size()) < 0) return 1;
                      for (;;) ::pause();
                      return 0;
                    }).value());
    char buffer[256];
    const ssize_t size = ::read(reader.get(), buffer, sizeof(buffer));
    REQUIRE(size > 0);
    name.assign(buffer, static_cast<std::size_t>(size));
  }
  std::optional<os::Child> process;
  std::string name;
};

}  // namespace

TEST_CASE("names differ by worker and number, and fit a directory entry") {
  const TemporaryNames names;
  const std::set<std::string> made{names.make(0, 1),  names.make(0, 2), names.make(1, 1),
                                   names.make(10, 1), names.make(1, 0), names.make(255, UINT32_MAX)};
  CHECK(made.size() == 6);
  for (const std::string& name : made) {
    CHECK(name.size() < 96);  // copy::BigFile::temporary
    CHECK(names.owner(name) == Owner::kThisRun);
  }
}

TEST_CASE("a process knows its own names again") {
  CHECK(TemporaryNames().owner(TemporaryNames().make(3, 4)) == Owner::kThisRun);
}

TEST_CASE("another run's names are told from a dead run's") {
  const TemporaryNames names;
  Other other;
  CHECK(names.owner(other.name) == Owner::kAlive);
  other.process->kill(SIGKILL);
  static_cast<void>(other.process->reap());
  CHECK(names.owner(other.name) == Owner::kDead);
}

TEST_CASE("a process with a dead one's number is not that one") {
  const TemporaryNames names;
  const Other other;
  auto parts = parts_of(other.name);
  REQUIRE(joined(parts) == other.name);
  parts[2] += '0';  // another start time
  CHECK(names.owner(joined(parts)) == Owner::kDead);
  auto own = parts_of(names.make(0, 0));
  own[2] += '0';
  CHECK(names.owner(joined(own)) == Owner::kDead);
}

TEST_CASE("another machine's or container's names can't be judged") {
  const TemporaryNames names;
  auto parts = parts_of(names.make(0, 0));
  parts[0] = parts[0] == "0123456789abcdef" ? "fedcba9876543210" : "0123456789abcdef";
  CHECK(names.owner(joined(parts)) == Owner::kUnknown);
}

TEST_CASE("names of another form belong to nobody") {
  const TemporaryNames names;
  const std::string good = names.make(1, 2);
  const auto parts = parts_of(good);
  std::vector<std::string> bad{"",           ".mtask-.tmp", ".mtask-",  ".tmp",         ".mtask-----.tmp",
                               "mtask",      good + "x",    'x' + good, good.substr(1), good.substr(0, good.size() - 1),
                               good + ".tmp"};
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (const char* wrong : {"", "x", "-1", "+1", " 1", "0x1", "1.5", "A"}) {
      auto changed = parts;
      changed[part] = wrong;
      bad.push_back(joined(changed));
    }
    auto fewer = parts;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(part));
    bad.push_back(joined(fewer));
    auto more = parts;
    more.insert(more.begin() + static_cast<std::ptrdiff_t>(part), "1");
    bad.push_back(joined(more));
  }
  for (const std::string& name : bad) {
    INFO(name);
    CHECK(names.owner(name) == Owner::kNobody);
  }
}
