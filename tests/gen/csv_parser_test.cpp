// Records, however the input is cut into blocks.
#include "gen/csv_parser.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

using mtask::gen::CsvParser;
using Record = std::vector<std::string>;
using Records = std::vector<Record>;

struct Parsed {
  Records records;
  std::string error;  // with its line
};

// In blocks of `block` bytes.
Parsed parsed(std::string_view text, std::size_t block, char delimiter = ',') {
  CsvParser parser(delimiter);
  Parsed result;
  const auto take = [&](const mtask::Result<bool>& ended) {
    if (!ended) result.error = std::to_string(parser.line()) + " " + ended.error().context;
    if (!ended || !*ended) return false;
    Record record;
    for (std::size_t i = 0; i < parser.size(); ++i) record.emplace_back(parser.field(i));
    result.records.push_back(std::move(record));
    return true;
  };
  while (!text.empty() && result.error.empty()) {
    std::string_view input = text.substr(0, block);
    text.remove_prefix(input.size());
    while (take(parser.parse(input))) {
    }
  }
  if (result.error.empty()) take(parser.finish());
  return result;
}

Records records(std::string_view text, char delimiter = ',') {
  const Parsed whole = parsed(text, 1 << 16, delimiter);
  CHECK(whole.error.empty());
  for (const std::size_t block : {1U, 2U, 3U}) {
    INFO("blocks of " << block);
    CHECK(parsed(text, block, delimiter).records == whole.records);
  }
  return whole.records;
}

TEST_CASE("csv: fields, quotes, ends of lines") {
  CHECK(records("a,b\n1,2\n") == Records{{"a", "b"}, {"1", "2"}});
  CHECK(records("a,b\r\n1,2") == Records{{"a", "b"}, {"1", "2"}});
  CHECK(records("\"a,\"\"\n\",\"\"\r\nx,\n") == Records{{"a,\"\n", ""}, {"x", ""}});
  CHECK(records("a;b;,\n", ';') == Records{{"a", "b", ","}});
  CHECK(records(",\n") == Records{{"", ""}});
  CHECK(records("a\rb\r\r\n") == Records{{"a\rb\r"}});
  CHECK(records("a \"b\" c\n") == Records{{"a \"b\" c"}});
  CHECK(records("\xff\xfe,\xc3\n") == Records{{"\xff\xfe", "\xc3"}});
}

TEST_CASE("csv: blank lines are no records, empty quotes are") {
  CHECK(records("\n\na\n\r\n\nb\n\n") == Records{{"a"}, {"b"}});
  CHECK(records("\"\"\n") == Records{{""}});
  CHECK(records("").empty());
}

TEST_CASE("csv: a byte order mark is no part of the first field, half of one is") {
  CHECK(records("\xef\xbb\xbf\"a\",b\n") == Records{{"a", "b"}});
  CHECK(records("\xef\xbb") == Records{{"\xef\xbb"}});
  CHECK(records("\xef\xbbx,1\n") == Records{{"\xef\xbbx", "1"}});
  CHECK(records("a\n\xef\xbb\xbf\n") == Records{{"a"}, {"\xef\xbb\xbf"}});
}

TEST_CASE("csv: what is broken is told with the line it began in") {
  for (const std::size_t block : {1U, 7U, 100U}) {
    const Parsed open = parsed("a\n\"b\nc", block);
    CHECK(open.records == Records{{"a"}});
    CHECK(open.error == "2 has a quote that is never closed");
    CHECK(parsed("a\n\"x\ny\"\n\"b\"c\n", block).error == "4 has text after a closing quote");
    CHECK(parsed("\"b\"\rc\n", block).error == "1 has text after a closing quote");
  }
}

TEST_CASE("csv: what was written by the rules is read back") {
  CHECK(rc::check([] {
    const auto columns = *rc::gen::inRange<std::size_t>(1, 4);
    const auto count = *rc::gen::inRange<std::size_t>(0, 6);
    Records written;
    std::string text;
    for (std::size_t row = 0; row < count; ++row) {
      Record record;
      for (std::size_t column = 0; column < columns; ++column) {
        record.push_back(*rc::gen::container<std::string>(rc::gen::element('a', 'b', '"', ',', '\n', '\r', '\xff')));
        std::string quoted;
        for (const char c : record.back()) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += (column == 0 ? "\"" : ",\"") + quoted + '"';
      }
      text += *rc::gen::arbitrary<bool>() ? "\r\n" : "\n";
      written.push_back(std::move(record));
    }
    const Parsed read = parsed(text, *rc::gen::inRange<std::size_t>(1, 9));
    RC_ASSERT(read.error.empty());
    RC_ASSERT(read.records == written);
  }));
}

}  // namespace
