#include "pool/operands.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "pool/command_template.hpp"

using mtask::pool::InputSource;
using mtask::pool::split_operands;
using mtask::pool::unescape;
using mtask::pool::wants_shell;

namespace {

using Words = std::vector<std::string>;

std::string told(const Words& operands, std::string_view separator = ":::") {
  const auto split = split_operands(operands, separator);
  if (!split) return split.error().message();
  std::string out;
  for (const std::string& word : split->words) out += word + " ";
  for (const InputSource& source : split->sources) {
    out += source.linked ? "+[" : "[";
    if (source.kind == InputSource::Kind::kFile) out += "file " + source.path;
    if (source.kind == InputSource::Kind::kStandardInput) out += "stdin";
    for (const std::string& value : source.values) out += value + ",";
    out += "]";
  }
  return out;
}

}  // namespace

TEST_CASE("operands part into the command and its sources") {
  CHECK(told({}) == "");
  CHECK(told({"echo", "a"}) == "echo a ");
  CHECK(told({"echo", ":::", "a", "b", ":::", "c"}) == "echo [a,b,][c,]");
  CHECK(told({"echo", ":::", "a", ":::+", "b", "::::", "f", "g", "::::+", "-", "h"}) ==
        "echo [a,]+[b,][file f][file g]+[stdin]+[file h]");
  CHECK(told({":::", "a"}) == "[a,]");
  CHECK(told({"echo", ":::"}) == "echo []");
  CHECK(told({"echo", ":::", ":::", ""}) == "echo [][,]");
  CHECK(told({"echo", ":::", "a"}, ",,") == "echo ::: a ");
  CHECK(told({"echo", ",,", "a", ",,+", "b"}, ",,") == "echo [a,]+[b,]");
}

TEST_CASE(":::: without the name of a file is refused") {
  CHECK(told({"echo", "::::"}) == ":::: must be followed by the name of a file");
  CHECK(told({"echo", "::::", ":::", "a"}) == ":::: must be followed by the name of a file");
}

TEST_CASE("escapes in separators become their bytes") {
  CHECK(unescape("\\n\\t\\r") == "\n\t\r");
  CHECK(unescape("\\0") == std::string(1, '\0'));
  CHECK(unescape("\\101\\\\n\\") == "A\\n\\");
  CHECK(unescape("\\d\\9") == "\\d\\9");
}

TEST_CASE("a shell runs what is written for one, and nothing else") {
  for (const char* word : {"gzip -c {} > {}.gz", "a|b", "echo $x", "ls *.c", "{}", "{/.}", "my-{}", "x=1", "a\nb",
                           "{name}", "echo{a,b}", "~/bin/x", "it's", ""}) {
    INFO(word);
    CHECK(wants_shell({word}) == (std::string(word) != ""));
  }
  CHECK(wants_shell({}));
  CHECK_FALSE(wants_shell({"gzip"}));
  CHECK_FALSE(wants_shell({"./run-1.2"}));
  CHECK_FALSE(wants_shell({"job{#}"}));
  CHECK_FALSE(wants_shell({"gzip", "-c", "{} > {}.gz"}));
}
