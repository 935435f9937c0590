#include "mtask/result.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>

using namespace mtask;

namespace {

Result<int> failed() { return Unexpected(system_error(ErrorKind::kItem, EACCES, "cannot open 'a/b'")); }

}  // namespace

TEST_CASE("an error names what was tried, then the reason") {
  CHECK(failed().error().message() == "cannot open 'a/b': Permission denied");
  CHECK(usage_error("two sources").message() == "two sources");
  CHECK(usage_error("two sources").kind == ErrorKind::kUsage);
  CHECK(system_error(ErrorKind::kItem, ENOENT, "").message() == "No such file or directory");
}

TEST_CASE("an error from errno can be compared with std::errc") {
  CHECK(failed().error().code == std::errc::permission_denied);
}

TEST_CASE("a result holds its value") {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
  REQUIRE(result);
  CHECK(**result == 3);
  const std::unique_ptr<int> taken = std::move(result).value();
  CHECK(*taken == 3);
}

TEST_CASE("reading the value of a failed result throws and says why") {
  CHECK_THROWS_AS(failed().value(), std::logic_error);
  CHECK_THROWS_WITH(failed().value(), Catch::Contains("cannot open 'a/b'"));
  CHECK(failed().value_or(7) == 7);
  const Result<void> nothing = Unexpected(usage_error("no"));
  CHECK_THROWS_AS(nothing.value(), std::logic_error);
  CHECK(Result<void>());
}
