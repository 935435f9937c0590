#include "pool/value_reader.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using mtask::UniqueFd;
using mtask::pool::InputSource;
using mtask::pool::Step;
using mtask::pool::ValueFormat;
using mtask::pool::ValueReader;

namespace {

using Values = std::vector<std::string>;

InputSource file(const std::string& path) { return {InputSource::Kind::kFile, path, {}, false}; }

struct Read {
  Values values;
  std::string error;
};

Read read_all(mtask::Result<ValueReader> reader) {
  Read out;
  if (!reader) return {{}, reader.error().message()};
  for (std::string value;;) {
    const auto step = reader->next(value);
    if (!step) {
      out.error = step.error().message();
      return out;
    }
    if (*step == Step::kEnd) return out;
    out.values.push_back(value);
  }
}

Values values_in(std::string_view bytes, const ValueFormat& format = {}) {
  const mtask::test::TempDir dir;
  mtask::test::write_file(dir / "in", bytes);
  Read read = read_all(ValueReader::open(file(dir / "in"), format, -1));
  CHECK(read.error == "");
  return read.values;
}

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    out.reset(ends[0]);
    in.reset(ends[1]);
  }
  void write(std::string_view bytes) const {
    REQUIRE(::write(in.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  UniqueFd out;
  UniqueFd in;
};

}  // namespace

TEST_CASE("values end at the delimiter, the last one also at the end of the input") {
  CHECK(values_in("") == Values{});
  CHECK(values_in("\n") == Values{""});
  CHECK(values_in("a") == Values{"a"});
  CHECK(values_in("a\nb\n") == Values{"a", "b"});
  CHECK(values_in("a\n\n b \n\nc") == Values{"a", "", " b ", "", "c"});
  CHECK(values_in("a,b\n,c", {.delimiter = ','}) == Values{"a", "b\n", "c"});
  CHECK(values_in(std::string_view("a\n\0b\0\0", 6), {.delimiter = '\0'}) == Values{"a\n", "b", ""});
  CHECK(values_in("\xff\xfe\r\n") == Values{"\xff\xfe\r"});
  const std::string longer(3'000'000, 'x');
  CHECK(values_in("a\n" + longer + "\nb") == Values{"a", longer, "b"});
}

TEST_CASE("the end value, blank values and continued lines") {
  CHECK(values_in("a\nEND\nb\n", {.end = "END"}) == Values{"a"});
  CHECK(values_in("a\nENDS\nb\n", {.end = "END"}) == Values{"a", "ENDS", "b"});
  CHECK(values_in("a\n\n \t\n b\n", {.skip_blank = true}) == Values{"a", " b"});
  CHECK(values_in("a \nb\t\nc\nd \n", {.continue_lines = true}) == Values{"a b\tc", "d "});
  CHECK(values_in("a \nEND\nb\n", {.end = "END", .continue_lines = true}) == Values{"a "});
}

TEST_CASE("a NUL inside a value is refused, unless it is the delimiter") {
  const mtask::test::TempDir dir;
  mtask::test::write_file(dir / "in", std::string_view("a\nb\0c\nd\n", 8));
  const Read read = read_all(ValueReader::open(file(dir / "in"), {}, -1));
  CHECK(read.values == Values{"a"});
  CHECK(read.error.find("holds a NUL byte") != std::string::npos);
  CHECK(read.error.find("'b\\x00c'") != std::string::npos);
}

TEST_CASE("an input that cannot be opened or read is an error, never an end") {
  const mtask::test::TempDir dir;
  const auto missing = ValueReader::open(file(dir / "no\nfile"), {}, -1);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == mtask::ErrorKind::kUnavailable);
  CHECK(missing.error().message() == "cannot open '" + dir.path().string() + "/no\\nfile': No such file or directory");
  CHECK(read_all(ValueReader::open(file(dir.path()), {}, -1)).error.find("Is a directory") != std::string::npos);
  CHECK(read_all(ValueReader::open(file("/proc/self/mem"), {}, -1)).error.find("cannot read '/proc/self/mem'") == 0);
  CHECK(read_all(ValueReader::open({}, {}, -1)).error.find("cannot read standard input") == 0);
}

TEST_CASE("a value from a pipe is there as soon as it was written") {
  Pipe pipe;
  auto reader = ValueReader::open({}, {}, pipe.out.get());
  REQUIRE(reader);
  CHECK(reader->fd() == pipe.out.get());
  std::string value;
  CHECK(*reader->next(value) == Step::kWait);
  pipe.write("one\ntw");
  REQUIRE(reader->fill());
  CHECK(*reader->next(value) == Step::kGot);
  CHECK(value == "one");
  CHECK(*reader->next(value) == Step::kWait);
  pipe.write("o");
  REQUIRE(reader->fill());
  CHECK(*reader->next(value) == Step::kWait);
  pipe.in.reset();
  REQUIRE(reader->fill());
  CHECK(*reader->next(value) == Step::kGot);
  CHECK(value == "two");
  CHECK(*reader->next(value) == Step::kEnd);
  CHECK(*reader->next(value) == Step::kEnd);
}

TEST_CASE("an input made non-blocking is waited for") {
  Pipe pipe;
  REQUIRE(::fcntl(pipe.out.get(), F_SETFL, O_NONBLOCK) == 0);
  auto reader = ValueReader::open({}, {}, pipe.out.get());
  REQUIRE(reader);
  pipe.write("a\n");
  REQUIRE(reader->fill());
  std::string value;
  CHECK(*reader->next(value) == Step::kGot);
  pipe.in.reset();
  REQUIRE(reader->fill());
  CHECK(*reader->next(value) == Step::kEnd);
}

TEST_CASE("a million lines are read without being kept") {
  std::string lines;
  constexpr int kLines = 1'000'000;
  for (int i = 0; i < kLines; ++i) lines += "a line of some length, number " + std::to_string(i) + "\n";
  const mtask::test::TempDir dir(mtask::test::fast_temp_root());
  mtask::test::write_file(dir / "in", lines);
  lines = {};
  auto reader = ValueReader::open(file(dir / "in"), {}, -1);
  REQUIRE(reader);
  const std::size_t before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  std::string value;
  std::size_t most = 0;
  int count = 0;
  for (; *reader->next(value) == Step::kGot; ++count) {
    if (count % 1000 == 0) most = std::max(most, ::mallinfo2().uordblks + ::mallinfo2().hblkhd);
  }
  CHECK(count == kLines);
  CHECK(most < before + 1'000'000);
}

TEST_CASE("values given as a list are counted before they are read") {
  const InputSource source{InputSource::Kind::kArguments, {}, {"a", "", "END", "b"}, false};
  CHECK(ValueReader::open(source, {}, -1)->count() == 4U);
  CHECK(ValueReader::open(source, {.end = "END"}, -1)->count() == 2U);
  CHECK(ValueReader::open(source, {.end = "END", .skip_blank = true}, -1)->count() == 1U);
  CHECK(read_all(ValueReader::open(source, {.end = "END"}, -1)).values == Values{"a", ""});
}
