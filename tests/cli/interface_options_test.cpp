// What is typed becomes the configuration that the engine gets.
#include <catch2/catch.hpp>

#include "cli/copy_lists.hpp"
#include "cli/interface_support.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask;
using namespace mtask::test;
using Names = std::vector<std::string>;

TEST_CASE("operands are placed") {
  auto one = parse_copy({"a", "b"});
  REQUIRE(one.config);
  CHECK(one.config->sources == Names{"a"});
  CHECK(one.config->destination == "b");
  CHECK_FALSE(one.config->into_directory);

  auto several = parse_copy({"a", "b", "c"});
  REQUIRE(several.config);
  CHECK(several.config->sources == Names{"a", "b"});
  CHECK(several.config->into_directory);

  auto target = parse_copy({"-t", "d", "a"});
  REQUIRE(target.config);
  CHECK(target.config->sources == Names{"a"});
  CHECK(target.config->destination == "d");
  CHECK(target.config->into_directory);
}

TEST_CASE("missing and empty operands are refused") {
  CHECK(parse_copy(Names{}).kind == ErrorKind::kUsage);
  CHECK_THAT(parse_copy({"a"}).error, Catch::Contains("'a'"));
  CHECK(parse_copy({"a", ""}).kind == ErrorKind::kUsage);
  CHECK(parse_copy({"-t", "d"}).kind == ErrorKind::kUsage);
}

TEST_CASE("operands are bytes, and nothing in them is special") {
  const Names odd = {"-x", "--", "--delete", "[a,b]", "\xff\n'", "{}", "++", "-1", "a=b", "dst"};
  Names arguments = odd;
  arguments.insert(arguments.begin(), "--");
  const auto parsed = parse_copy(arguments);
  REQUIRE(parsed.config);
  CHECK(parsed.config->sources == Names(odd.begin(), odd.end() - 1));
  CHECK_FALSE(parsed.config->remove_extraneous);

  const auto bare = parse_copy({"[a,b]", "\xff\n'", "++", "{}", "-", "dst"});
  REQUIRE(bare.config);
  CHECK(bare.config->sources == Names{"[a,b]", "\xff\n'", "++", "{}", "-"});
}

TEST_CASE("values are taken as they are") {
  const auto parsed =
      parse_copy({"--exclude", "[ab]", "--exclude=[c,d]", "--exclude", "--x", "--include=a=b", "a", "b"});
  REQUIRE(parsed.config);
  CHECK(rules_of(*parsed.config) == "-[ab] -[c,d] ---x +a=b");
}

TEST_CASE("filter rules keep their order over all options") {
  const TempDir scratch;
  write_file(scratch / "rules", "# comment\n\n+ in\n- out\nplain\n; comment\n \n");
  const auto parsed = parse_copy({"--exclude=1", "--include", "2", "--exclude-from", scratch / "rules", "--include=3",
                                  "a", "b", "--exclude", "4"});
  REQUIRE(parsed.config);
  CHECK(rules_of(*parsed.config) == "-1 +2 +in -out -plain +3 -4");
}

TEST_CASE("a list of rules without a pattern names its line") {
  CHECK_THAT(cli::parse_rules("a\n+ \n").error().message(), Catch::Contains("line 2"));
}

TEST_CASE("an optional value is taken after '=' only") {
  const auto bare = parse_copy({"--backup", "--update", "--reflink", "--json", "a", "b"});
  REQUIRE(bare.config);
  CHECK(bare.config->sources == Names{"a"});
  CHECK(bare.config->backup_suffix == "~");
  CHECK(bare.config->update == copy::Update::kOlder);
  CHECK(bare.config->reflink == copy::Reflink::kAlways);
  CHECK(bare.json);

  const auto given = parse_copy({"--backup=.old", "--update=none", "--reflink=never", "a", "b"});
  REQUIRE(given.config);
  CHECK(given.config->backup_suffix == ".old");
  CHECK(given.config->update == copy::Update::kNone);
  CHECK(given.config->reflink == copy::Reflink::kNever);
}

TEST_CASE("parts of the metadata are turned on and off in order") {
  const auto parsed = parse_copy({"--no-preserve=all", "--preserve=mode,acl", "a", "b"});
  REQUIRE(parsed.config);
  CHECK(parsed.config->preserve.mode);
  CHECK(parsed.config->preserve.acl);
  CHECK_FALSE(parsed.config->preserve.ownership);
  CHECK_FALSE(parsed.config->preserve.links);

  const auto archive = parse_copy({"-a", "-rR", "a", "b"});
  REQUIRE(archive.config);
  CHECK(archive.config->preserve.ownership);
  CHECK(parse_copy({"--no-preserve=mod", "a", "b"}).error ==
        "--no-preserve: 'mod' is none of mode, ownership, timestamps, links, sparse, xattr, acl, all; did you mean "
        "'mode'?");
}

TEST_CASE("one-letter options cluster") {
  const auto parsed = parse_copy({"-nuxLvvj4", "a", "b"});
  REQUIRE(parsed.config);
  CHECK(parsed.config->dry_run);
  CHECK(parsed.config->update == copy::Update::kOlder);
  CHECK(parsed.config->one_file_system);
  CHECK(parsed.config->dereference);
  CHECK(parsed.config->workers == 4);
  CHECK(parsed.verbosity == 2);
}

TEST_CASE("sizes, rates and numbers are checked") {
  const auto parsed = parse_copy({"--max-size=2M", "--min-size=1KB", "--limit-rate=10M", "a", "b"});
  REQUIRE(parsed.config);
  CHECK(parsed.config->max_size == 2U << 20U);
  CHECK(parsed.config->min_size == 1000U);
  CHECK(parsed.config->limit_rate == 10U << 20U);
  for (const Names& wrong :
       {Names{"--max-size=big", "a", "b"}, Names{"--workers=257", "a", "b"}, Names{"--workers=-1", "a", "b"},
        Names{"--workers", "1x", "a", "b"}, Names{"--limit-rate=fast", "a", "b"}, Names{"--fsync=often", "a", "b"},
        Names{"--backup=a/b", "a", "b"}, Names{"--ignore-file=a/b", "a", "b"}, Names{"--exclude", "", "a", "b"},
        Names{"--quiet=perhaps", "a", "b"}}) {
    INFO(wrong.front());
    CHECK(parse_copy(wrong).kind == ErrorKind::kUsage);
  }
  CHECK(parse_copy({"-j", "0", "a", "b"}).config->workers >= 1);
  CHECK(parse_copy({"a", "b"}).config->workers >= 1);
}

TEST_CASE("contradictions are refused") {
  const TempDir scratch;
  write_file(scratch / "list", "x\n");
  const std::string list = scratch / "list";
  CHECK_THAT(parse_copy({"--delete", "--files-from", list, "a", "b"}).error, Catch::Contains("--delete"));
  CHECK(parse_copy({"--files-from", list, "a", "b", "c"}).kind == ErrorKind::kUsage);
  CHECK(parse_copy({"-0", "a", "b"}).kind == ErrorKind::kUsage);
  CHECK(parse_copy({"--min-size=2", "--max-size=1", "a", "b"}).kind == ErrorKind::kUsage);
}

TEST_CASE("unknown options are refused with the nearest name") {
  CHECK(parse_copy({"--worker", "3", "a", "b"}).error == "unknown option '--worker'; did you mean '--workers'?");
  CHECK(parse_copy({"--exlude=x", "a", "b"}).error == "unknown option '--exlude'; did you mean '--exclude'?");
  CHECK(parse_copy({"-nZ", "a", "b"}).error == "unknown option '-Z'");
  CHECK(parse_copy({"--workers"}).error == "option '--workers' needs a value");
  CHECK(parse_copy({"--exclude=", "a", "b"}).kind == ErrorKind::kUsage);
}

TEST_CASE("listed paths are made relative") {
  const TempDir scratch;
  write_file(scratch / "list", "./a\n/b/c/\n\nd//e/./f\n.\nwith space \n");
  const auto parsed = parse_copy({"--files-from", scratch / "list", "src", "dst"});
  REQUIRE(parsed.config);
  CHECK(parsed.config->files_from == Names{"a", "b/c", "d/e/f", "with space "});

  write_file(scratch / "list0", std::string("new\nline\0./\xff\0\0", 14));
  const auto zero = parse_copy({"-0", "--files-from", scratch / "list0", "src", "dst"});
  REQUIRE(zero.config);
  CHECK(zero.config->files_from == Names{"new\nline", "\xff"});
}

TEST_CASE("listed paths never leave the source") {
  for (const char* path : {"..", "../a", "a/../b", "/..", "a/.."}) {
    INFO(path);
    CHECK_FALSE(cli::parse_paths(path, '\n'));
  }
  CHECK(cli::parse_paths("..a\nb..\n...", '\n').value() == Names{"..a", "b..", "..."});
}

}  // namespace
