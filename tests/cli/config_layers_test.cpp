// Options come from the configuration file, the environment and the command line, the later ones stronger.
#include <catch2/catch.hpp>

#include "cli/interface_support.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask;
using namespace mtask::test;
using Names = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

Parsed with_file(const std::string& text, const Names& options = {}, const Variables& variables = {}) {
  const TempDir scratch;
  const std::string path = scratch / "config.toml";
  write_file(path, text);
  Names arguments = options;
  arguments.insert(arguments.end(), {"a", "b"});
  Parsed parsed = parse_copy({.arguments = arguments, .environment = variables, .config_file = path});
  // The scratch directory's name is of no interest.
  if (const auto at = parsed.error.find(path); at != std::string::npos) parsed.error.replace(at, path.size(), "FILE");
  return parsed;
}

TEST_CASE("the command line wins over the environment and this over the file") {
  const std::string file = "[copy]\nworkers = 4\n";
  const Variables five = {{"MTASK_COPY_WORKERS", "5"}};
  CHECK(with_file(file).config->workers == 4);
  CHECK(with_file(file, {}, five).config->workers == 5);
  CHECK(with_file(file, {"-j6"}, five).config->workers == 6);
}

TEST_CASE("values of repeatable options add up, the stronger first") {
  const auto parsed = with_file("[copy]\nexclude = [\"f1\", \"f2\"]\n", {"--include=c1", "--exclude=c2"},
                                {{"MTASK_COPY_EXCLUDE", "e1\ne2"}});
  REQUIRE(parsed.config);
  CHECK(rules_of(*parsed.config) == "+c1 -c2 -e1 -e2 -f1 -f2");
}

TEST_CASE("each type of value is understood") {
  const auto parsed = with_file(R"([copy]
delete = true
verify = false
backup = true
update = "none"
max-size = 4096
limit-rate = "2M"
verbose = 2
exclude = "one"
ignore-file = [".gitignore", ".ignore"]
no-preserve = "xattr,acl"
)");
  INFO(parsed.error);
  REQUIRE(parsed.config);
  CHECK(parsed.config->remove_extraneous);
  CHECK_FALSE(parsed.config->verify);
  CHECK(parsed.config->backup_suffix == "~");
  CHECK(parsed.config->update == copy::Update::kNone);
  CHECK(parsed.config->max_size == 4096U);
  CHECK(parsed.config->limit_rate == 2U << 20U);
  CHECK(parsed.verbosity == 2);
  CHECK(rules_of(*parsed.config) == "-one");
  CHECK(parsed.config->ignore_files == Names{".gitignore", ".ignore"});
  CHECK_FALSE(parsed.config->preserve.xattr);
  CHECK(parsed.config->preserve.mode);
}

TEST_CASE("preserve may be a table of booleans or an array") {
  const auto table = with_file("[copy]\npreserve = { xattr = false, mode = true }\n");
  REQUIRE(table.config);
  CHECK_FALSE(table.config->preserve.xattr);
  CHECK(table.config->preserve.acl);
  const auto over = with_file("[copy]\npreserve = { xattr = true }\n", {"--preserve=mode"});
  REQUIRE(over.config);
  CHECK(over.config->preserve.mode);
  CHECK_FALSE(over.config->preserve.xattr);
  const auto alone = with_file("[copy]\npreserve = [\"mode\"]\n");
  REQUIRE(alone.config);
  CHECK(alone.config->preserve.mode);
  CHECK_FALSE(alone.config->preserve.acl);
  const auto array = with_file("[copy]\nno-preserve = [\"mode\", \"links\"]\n");
  REQUIRE(array.config);
  CHECK_FALSE(array.config->preserve.mode);
  CHECK_FALSE(array.config->preserve.links);
  CHECK(array.config->preserve.xattr);
}

TEST_CASE("a switch turned on in the file is turned off by a stronger place") {
  CHECK(with_file("[copy]\nverify = true\n").config->verify);
  CHECK_FALSE(with_file("[copy]\nverify = true\n", {"--verify=false"}).config->verify);
  CHECK_FALSE(with_file("[copy]\nverify = true\n", {}, {{"MTASK_COPY_VERIFY", "no"}}).config->verify);
}

TEST_CASE("what is wrong in the file is told with its line") {
  CHECK(with_file("[copy]\n\nworker = 4\n").error == "FILE:3: unknown key 'worker'; did you mean 'workers'?");
  CHECK(with_file("[copy]\nworkers = \"4\"\n").error == "FILE:2: 'workers' must be a number");
  CHECK(with_file("[copy]\ndelete = 1\n").error == "FILE:2: 'delete' must be true or false");
  CHECK(with_file("[copy]\nworkers = 300\n").error == "FILE:2: workers: '300' is not a number from 0 to 256");
  CHECK(with_file("[copy]\nfsync = \"ech\"\n").error ==
        "FILE:2: fsync: 'ech' is none of none, end, each; did you mean 'each'?");
  CHECK(with_file("[cpoy]\n").error == "FILE:1: unknown table 'cpoy'; did you mean 'copy'?");
  CHECK(with_file("workers = 3\n").kind == ErrorKind::kUsage);
  CHECK(with_file("copy = 3\n").error == "FILE:1: 'copy' must be a table: [copy]");
  CHECK_THAT(with_file("[copy]\nworkers = = 3\n").error, Catch::StartsWith("FILE:2: "));
  CHECK_THAT(with_file("[copy]\npreserve = { xatr = false }\n").error, Catch::Contains("did you mean 'xattr'"));
}

TEST_CASE("options of a single use have no key and no variable") {
  for (const char* key : {"help", "target-directory", "files-from", "null", "no-config", "recursive"}) {
    INFO(key);
    CHECK_THAT(with_file("[copy]\n" + std::string(key) + " = true\n").error, Catch::Contains("unknown key"));
    CHECK_THAT(with_file("", {}, {{cli::environment_name("copy", key), "1"}}).error, Catch::Contains("unknown"));
  }
}

TEST_CASE("unknown variables of the command are errors, others none") {
  CHECK(with_file("", {}, {{"MTASK_COPY_WORKER", "3"}}).error ==
        "unknown environment variable 'MTASK_COPY_WORKER'; did you mean 'MTASK_COPY_WORKERS'?");
  CHECK(with_file("", {}, {{"MTASK_COPY_WORKERS", "many"}}).error ==
        "MTASK_COPY_WORKERS: 'many' is not a number from 0 to 256");
  CHECK(with_file("", {}, {{"MTASK_OTHER", "3"}, {"MTASK_COPY_JSON", ""}}).config);
}

TEST_CASE("switches in the environment know yes and no") {
  for (const char* yes : {"1", "true", "yes", "on"})
    CHECK(with_file("", {}, {{"MTASK_COPY_VERIFY", yes}}).config->verify);
  for (const char* no : {"0", "false", "no", "off"}) {
    CHECK_FALSE(with_file("", {}, {{"MTASK_COPY_VERIFY", no}}).config->verify);
  }
  CHECK(with_file("", {}, {{"MTASK_COPY_VERIFY", "maybe"}}).kind == ErrorKind::kUsage);
}

TEST_CASE("the file is looked for where the variables say") {
  using cli::config_path;
  using cli::Environment;
  CHECK(config_path(Environment({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}})) == "/x/mtask/config.toml");
  CHECK(config_path(Environment({{"XDG_CONFIG_HOME", ""}, {"HOME", "/h"}})) == "/h/.config/mtask/config.toml");
  CHECK(config_path(Environment()).empty());
}

TEST_CASE("a file that is not there holds nothing; one that cannot be read is an error") {
  const TempDir scratch;
  CHECK(parse_copy({.arguments = {"a", "b"}, .config_file = scratch / "none/config.toml"}).config);
  CHECK(parse_copy({.arguments = {"a", "b"}, .config_file = scratch.path()}).kind == ErrorKind::kUsage);
}

}  // namespace
