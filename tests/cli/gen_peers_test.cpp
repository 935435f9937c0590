// Sources that others feed: fifos, children, connections.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "support/command.hpp"
#include "support/gen_command.hpp"
#include "support/places.hpp"
#include "support/processes.hpp"
#include "support/temp_dir.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using test::Background;
using test::gen;
using test::gen_command;
using test::Outcome;
using test::run;
using test::TempDir;

namespace {

// False when it has not come true after a long time.
bool wait_until(const std::function<bool()>& condition) {
  for (int i = 0; i < 10'000; ++i) {
    if (condition()) return true;
    ::usleep(2000);
  }
  return false;
}

std::string make_fifo(const TempDir& dir, const char* name) {
  const std::string path = dir / name;
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  return path;
}

void put(const UniqueFd& fd, const std::string& text) {
  REQUIRE(::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

bool stands_in(const std::string& file, const std::string& text) {
  std::ifstream in(file);
  return std::string(std::istreambuf_iterator<char>(in), {}).find(text) != std::string::npos;
}

pid_t number_in(const std::string& file) {
  pid_t number = 0;
  REQUIRE(wait_until([&] { return stands_in(file, "\n"); }));
  std::ifstream(file) >> number;
  REQUIRE(number > 1);
  return number;
}

// A server that listens on a port of its own, tells it, takes one connection as `conn` and runs `body` on it.
class Server {
 public:
  explicit Server(const std::string& body, bool ipv6 = false)
      : running_({.argv = {"python3", "-u", "-c",
                           "import socket, struct\n"
                           "s = socket.socket(socket." +
                               std::string(ipv6 ? "AF_INET6" : "AF_INET") +
                               ")\n"
                               "s.bind(('" +
                               (ipv6 ? "::1" : "127.0.0.1") +
                               "', 0))\n"
                               "s.listen(1)\n"
                               "print(s.getsockname()[1])\n"
                               "conn = s.accept()[0]\n" +
                               body},
                  .env = {},
                  .cwd = {},
                  .input = {}}) {
    REQUIRE(wait_until([&] { return running_.out().ends_with('\n') || !running_.running(); }));
    port_ = running_.out();
    REQUIRE(port_.ends_with('\n'));
    port_.pop_back();
  }
  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] Outcome wait() { return running_.wait(); }

 private:
  Background running_;
  std::string port_;
};

}  // namespace

TEST_CASE("gen: a line is handed on as soon as it is there") {
  const TempDir dir;
  const std::string fifo = make_fifo(dir, "fifo");
  Background reading(gen_command({"lines", fifo}));
  UniqueFd writer(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC));
  put(writer, "one\ntw");
  REQUIRE(wait_until([&] { return reading.out() == "one\n"; }));
  put(writer, "o\nthree\nfour");
  REQUIRE(wait_until([&] { return reading.out() == "one\ntwo\nthree\n"; }));
  CHECK(reading.running());
  writer.reset();
  const Outcome outcome = reading.wait();
  CHECK(outcome.code() == 0);
  CHECK(outcome.out == "one\ntwo\nthree\nfour\n");
}

TEST_CASE("gen: a fifo that nobody writes to keeps no other stream waiting") {
  const TempDir dir;
  const std::string fifo = make_fifo(dir, "fifo");
  Background reading(gen_command({"merge", "lines '" + fifo + "'", "words a b", "cmd echo c"}));
  CHECK(wait_until([&] { return reading.out().size() == 6; }));
  CHECK(reading.running());
  const UniqueFd writer(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC));
  put(writer, "d\n");
  CHECK(wait_until([&] { return reading.out().ends_with("d\n"); }));
  ::kill(reading.pid(), SIGINT);
  CHECK(reading.wait().code() == 130);
}

TEST_CASE("gen: lines of any length and any bytes, NUL-separated ones too") {
  const TempDir dir;
  const std::string path = dir / "long";
  const std::string line(5'000'000, 'x');
  std::ofstream(path) << "a\n" << line << "\n\xff\xfe\n\nend";
  CHECK(gen({"lines", path}).out == "a\n" + line + "\n\xff\xfe\n\nend\n");
  CHECK(gen({"-"}, std::string("a\n\n") + line).out == "a\n\n" + line + "\n");
  CHECK(gen({"lines", "-0", ":", "enumerate"}, std::string("a\nb\0c", 5)).out == "0\ta\nb\n1\tc\n");
}

TEST_CASE("gen: files follow each other; one that cannot be read ends them, or is passed over") {
  const TempDir dir;
  const std::string good = dir / "good";
  std::ofstream(good) << "g";
  const std::string missing = dir / "missing";
  Outcome outcome = gen({"lines", good, missing, good});
  CHECK(outcome.code() == 1);
  CHECK(outcome.out == "g\n");
  CHECK(outcome.err == "mtask gen: lines: cannot open '" + missing + "': No such file or directory\n");
  outcome = gen({"--keep-going", "lines", dir.path().string(), good, missing, "-", good}, "in");
  CHECK(outcome.code() == 1);
  CHECK(outcome.out == "g\nin\ng\n");
  CHECK(outcome.err.find("lines: cannot read '" + dir.path().string() + "': Is a directory") != std::string::npos);
}

TEST_CASE("gen: a table in a fifo keeps no other stream waiting") {
  const TempDir dir;
  const std::string fifo = make_fifo(dir, "table");
  CHECK(gen({"merge", "csv '" + fifo + "'", "words a", ":", "take", "1"}).out == "a\n");
}

TEST_CASE("gen: standard input begins a nested pipeline") {
  for (const char* const nested : {"- | map x*2", "-|map x*2"}) {
    CHECK(gen({"chain", nested, "7..7"}, "1\n2\n").out == "2\n4\n7\n");
  }
}

TEST_CASE("gen: standard input goes to one stage only") {
  CHECK(gen({"merge", "csv -", "-"}).code() == 2);
  const Outcome outcome = gen({"zip", "-", "-"}, "a\n");
  CHECK(outcome.code() == 2);
  CHECK(outcome.err.find("lines: '-' cannot be read twice") != std::string::npos);
}

TEST_CASE("gen: a command that fails does so after its lines, naming itself and how it ended") {
  Outcome outcome = gen({"cmd", "sh", "-c", "echo a; echo b; exit 3"});
  CHECK(outcome.code() == 1);
  CHECK(outcome.out == "a\nb\n");
  CHECK(outcome.err == "mtask gen: cmd: 'sh' exited with status 3\n");
  outcome = gen({"cmd", "echo a; kill -9 $$"});
  CHECK(outcome.code() == 1);
  CHECK(outcome.err == "mtask gen: cmd: 'echo a; kill -9 $$' was ended by SIGKILL\n");
  outcome = gen({"cmd", "/etc/passwd"});
  CHECK(outcome.code() == 1);
  CHECK(outcome.err == "mtask gen: cmd: cannot run '/etc/passwd': Permission denied\n");
}

TEST_CASE("gen: how a command ended is known to a program whose parent ignored its children, too") {
  const Outcome outcome =
      run({.argv = {"bash", "-c", "trap '' CHLD; exec \"$0\" gen cmd 'echo a; exit 3'", test::mtask_binary()},
           .env = {},
           .cwd = {},
           .input = {}});
  CHECK(outcome.code() == 1);
  CHECK(outcome.out == "a\n");
  CHECK(outcome.err.find("status 3") != std::string::npos);
}

TEST_CASE("gen: the words of a command are its own, one with blanks is the shell's") {
  CHECK(gen({"cmd", "printf", "%s.\\n", "-x", "--count", "a b", ";"}).out == "-x.\n--count.\na b.\n;.\n");
  CHECK(gen({"cmd", "echo $((1 + 1)) | tr 2 b"}).out == "b\n");
}

TEST_CASE("gen: a command's input is empty, and SIGPIPE ends it as ever") {
  CHECK(gen({"cmd", "cat"}, "not this").out.empty());
  // Where SIGPIPE were ignored, yes would complain.
  const Outcome outcome = gen({"cmd", "yes | head -n 1"});
  CHECK(outcome.out == "y\n");
  CHECK(outcome.err.empty());
  CHECK(outcome.code() == 0);
}

TEST_CASE("gen: all that is left of a command ends with the stream, also what ignores SIGTERM") {
  const TempDir dir;
  const std::string pids = dir / "pids";
  const std::string script = "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > " + pids +
                             "; while :; do sleep 1; done' & while ! [ -s " + pids +
                             " ]; do sleep .01; done; echo begun; while :; do sleep 1; done";
  const Outcome outcome = gen({"cmd", script, ":", "take", "1"});
  CHECK(outcome.out == "begun\n");
  CHECK(outcome.code() == 0);
  CHECK(test::all_ended_within({number_in(pids)}, 10s));
}

TEST_CASE("gen: a command can tidy up when no more is wanted of it") {
  const TempDir dir;
  const std::string done = dir / "done";
  const std::string script =
      "trap 'sleep .2; echo tidy > " + done + "; exit' TERM; echo begun; while :; do sleep .05; done";
  CHECK(gen({"cmd", script, ":", "take", "1"}).code() == 0);
  CHECK(stands_in(done, "tidy"));
}

TEST_CASE("gen: a command of which no more is wanted ends while other streams go on") {
  const TempDir dir;
  const std::string ended = dir / "ended";
  const std::string first =
      "cmd \"trap 'echo > " + ended + "; exit' TERM; echo a; while :; do sleep .05; done\" | take 1";
  const std::string second = "cmd 'until test -e " + ended + "; do sleep .05; done; echo b'";
  for (const char* const stage : {"merge", "interleave"}) {
    const Outcome outcome = gen({stage, first, second});
    CHECK(outcome.out == "a\nb\n");
    CHECK(outcome.code() == 0);
    REQUIRE(::unlink(ended.c_str()) == 0);
  }
}

TEST_CASE("gen: a command dies with the program, however that dies") {
  const TempDir dir;
  const std::string pids = dir / "pids";
  Background running(gen_command({"cmd", "echo $$ > " + pids + "; exec sleep 1002"}));
  const pid_t child = number_in(pids);
  ::kill(running.pid(), SIGKILL);
  static_cast<void>(running.wait());
  CHECK(test::all_ended_within({child}, 10s));
}

TEST_CASE("gen: the lines of a connection, to its end") {
  Server server("conn.sendall(b'a\\nb'); conn.sendall(b'c\\nd'); conn.close()");
  const Outcome outcome = gen({"tcp", "127.0.0.1:" + server.port()});
  CHECK(outcome.code() == 0);
  CHECK(outcome.out == "a\nbc\nd\n");
}

TEST_CASE("gen: a host's name, and an address in brackets") {
  Server named("conn.sendall(b'x\\n')");
  CHECK(gen({"tcp", "localhost:" + named.port()}).out == "x\n");
  if (!stands_in("/proc/net/if_inet6", "lo")) {
    WARN("skipped: no IPv6 here");
    return;
  }
  Server six("conn.sendall(b'six\\n')", true);
  CHECK(gen({"tcp", "[::1]:" + six.port()}).out == "six\n");
}

TEST_CASE("gen: a connection that breaks is told, after its lines") {
  Server server(
      "conn.sendall(b'a\\n')\n"
      "import time; time.sleep(.3)\n"
      "conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); conn.close()");
  const Outcome outcome = gen({"tcp", "127.0.0.1:" + server.port()});
  CHECK(outcome.code() == 1);
  CHECK(outcome.out == "a\n");
  CHECK(outcome.err ==
        "mtask gen: tcp: cannot read from '127.0.0.1:" + server.port() + "': Connection reset by peer\n");
}

TEST_CASE("gen: a connection is closed when no more is wanted of it") {
  Server server("conn.sendall(b'a\\nb\\n'); print('closed' if conn.recv(1) == b'' else 'not')");
  CHECK(gen({"tcp", "127.0.0.1:" + server.port(), ":", "take", "1"}).out == "a\n");
  CHECK(server.wait().out.ends_with("closed\n"));
}

TEST_CASE("gen: a connection that is refused, a host that there is not, and what is no address") {
  Outcome outcome = gen({"tcp", "127.0.0.1:1"});
  CHECK(outcome.code() == 1);
  CHECK(outcome.err == "mtask gen: tcp: cannot connect to '127.0.0.1:1': Connection refused\n");
  outcome = gen({"tcp", "nowhere.invalid:80"});
  CHECK(outcome.code() == 1);
  CHECK(outcome.err.starts_with("mtask gen: tcp: cannot find 'nowhere.invalid:80': "));
  for (const char* const address : {"localhost", ":80", "localhost:", "::1:80", "localhost:0", "localhost:65536"}) {
    CHECK(gen({"tcp", address}).code() == 2);
  }
}

TEST_CASE("gen: peers of all kinds side by side") {
  const TempDir dir;
  std::ofstream(dir / "urls.txt") << "u1\nu2\n";
  Server server("conn.sendall(b't1\\nt2\\n')");
  const Outcome outcome =
      run({.argv = {"bash", "-c", "\"$0\" \"$@\" | sort", gen_command({}).argv.front(), "gen", "merge",
                    "tcp 127.0.0.1:" + server.port(), "cmd seq 2", "@" + (dir / "urls.txt").string()},
           .env = {},
           .cwd = {},
           .input = {}});
  CHECK(outcome.out == "1\n2\nt1\nt2\nu1\nu2\n");
}
