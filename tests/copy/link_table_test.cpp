#include "copy/link_table.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace mtask;
using namespace mtask::copy;
using Role = LinkClaim::Role;

namespace {

struct Table {
  explicit Table(std::uint32_t capacity = LinkTable::kCapacity) : links(region, names, capacity) {}

  os::SharedRegion region = os::SharedRegion::map(LinkTable::room() + NameArena::room(1U << 12)).value();
  NameArena names{region, 1U << 12};
  LinkTable links;
};

constexpr Identity kFile{1, 100};
constexpr Identity kCopy{2, 200};

}  // namespace

TEST_CASE("the first name leads, others wait until it stands, then follow it") {
  Table table;
  const LinkClaim lead = table.links.claim(kFile, 3, 0);
  REQUIRE(lead.role == Role::kLead);
  CHECK(table.links.claim(kFile, 3, 1).role == Role::kBusy);
  CHECK(table.links.claim({1, 101}, 2, 1).role == Role::kLead);  // another file
  CHECK(table.links.claim({3, 100}, 2, 1).role == Role::kLead);  // another file system
  REQUIRE(table.links.settle(lead.id, 7, "name", kCopy));
  const LinkClaim follow = table.links.claim(kFile, 3, 1);
  CHECK(follow.role == Role::kFollow);
  CHECK(follow.id == lead.id);
  CHECK(follow.dir == 7);
  CHECK(follow.name == "name");
  CHECK(follow.destination == kCopy);
}

TEST_CASE("a group is forgotten once all its names were seen, and its place used anew") {
  Table table;
  const LinkClaim lead = table.links.claim(kFile, 2, 0);
  REQUIRE(table.links.settle(lead.id, 7, "name", kCopy));
  DirId dir = kNoId;
  CHECK_FALSE(table.links.seen(lead.id, dir));
  CHECK(table.links.seen(lead.id, dir));
  CHECK(dir == 7);
  const LinkClaim again = table.links.claim({1, 300}, 2, 0);
  CHECK(again.role == Role::kLead);
  CHECK(again.id == lead.id);
  CHECK(table.links.claim(kFile, 2, 0).role == Role::kLead);
}

TEST_CASE("told to keep all, it forgets none") {
  Table table;
  table.links.keep_all();
  const LinkClaim lead = table.links.claim(kFile, 1, 0);
  REQUIRE(table.links.settle(lead.id, 7, "name", kCopy));
  DirId dir = kNoId;
  for (int i = 0; i < 3; ++i) CHECK_FALSE(table.links.seen(lead.id, dir));
  CHECK(table.links.claim(kFile, 1, 1).role == Role::kFollow);
}

TEST_CASE("a leader that gives up leaves the lead to the next") {
  Table table;
  const LinkClaim lead = table.links.claim(kFile, 2, 0);
  table.links.abandon(lead.id);
  const LinkClaim next = table.links.claim(kFile, 2, 1);
  CHECK(next.role == Role::kLead);
  CHECK(next.id == lead.id);
}

TEST_CASE("a first name that is the copy's no more gives the lead to one that was to follow it") {
  Table table;
  const LinkClaim lead = table.links.claim(kFile, 3, 0);
  REQUIRE(table.links.settle(lead.id, 7, "name", kCopy));
  const LinkClaim outdated = table.links.claim(kFile, 3, 1);
  REQUIRE(outdated.role == Role::kFollow);
  CHECK(table.links.lead_again(outdated, kFile, 1));
  CHECK_FALSE(table.links.lead_again(outdated, kFile, 2));
  CHECK(table.links.claim(kFile, 3, 2).role == Role::kBusy);
  REQUIRE(table.links.settle(outdated.id, 8, "other", {2, 201}));
  CHECK_FALSE(table.links.lead_again(outdated, kFile, 2));  // it stands anew
  CHECK(table.links.claim(kFile, 3, 2).name == "other");
}

TEST_CASE("what a dead worker led, and that alone, is free for the next") {
  Table table;
  const Identity other{1, 101};
  const Identity ready{1, 102};
  static_cast<void>(table.links.claim(kFile, 2, 0));
  static_cast<void>(table.links.claim(other, 2, 1));
  REQUIRE(table.links.settle(table.links.claim(ready, 2, 0).id, 7, "name", kCopy));
  table.links.release_held_by(0);
  CHECK(table.links.claim(kFile, 2, 2).role == Role::kLead);
  CHECK(table.links.claim(other, 2, 2).role == Role::kBusy);
  CHECK(table.links.claim(ready, 2, 2).role == Role::kFollow);
}

TEST_CASE("a big file's names wait for the whole file, as long as somebody wants it") {
  Table table;
  const LinkClaim lead = table.links.claim(kFile, 2, 0);
  CHECK_FALSE(table.links.is_big(lead.id, kFile));
  table.links.hand_to_big_file(lead.id);
  CHECK(table.links.is_big(lead.id, kFile));
  CHECK_FALSE(table.links.is_big(lead.id, kCopy));
  table.links.release_held_by(0);
  table.links.release_big_but([&](LinkId id) { return id == lead.id; });
  CHECK(table.links.claim(kFile, 2, 1).role == Role::kBusy);
  table.links.release_big_but([](LinkId) { return false; });
  CHECK(table.links.claim(kFile, 2, 1).role == Role::kLead);
}

TEST_CASE("a full table leaves names alone and counts them, until a place is free") {
  Table table(1);
  const LinkClaim lead = table.links.claim(kFile, 2, 0);
  REQUIRE(lead.role == Role::kLead);
  CHECK(table.links.names_left_alone() == 0);
  CHECK(table.links.claim({1, 101}, 2, 0).role == Role::kAlone);
  CHECK(table.links.claim({1, 101}, 2, 0).role == Role::kAlone);
  CHECK(table.links.names_left_alone() == 2);
  REQUIRE(table.links.settle(lead.id, 7, "name", kCopy));
  DirId dir = kNoId;
  CHECK_FALSE(table.links.seen(lead.id, dir));
  CHECK(table.links.seen(lead.id, dir));
  CHECK(table.links.claim({1, 102}, 2, 0).role == Role::kLead);
  CHECK(table.links.names_left_alone() == 2);
}

TEST_CASE("a group whose name can't be kept is led anew") {
  Table table;
  while (table.names.keep("x") != NameArena::kFull) continue;
  const LinkClaim lead = table.links.claim(kFile, 2, 0);
  CHECK_FALSE(table.links.settle(lead.id, 7, "name", kCopy));
  CHECK(table.links.names_left_alone() == 1);
  CHECK(table.links.claim(kFile, 2, 1).role == Role::kLead);
}

TEST_CASE("a rebuild finds every group again, and tells the directories that have names in use") {
  Table table;
  constexpr ino_t kMany = 2000;
  for (ino_t inode = 0; inode < kMany; ++inode) {
    const LinkClaim lead = table.links.claim({1, inode}, 2, 0);
    REQUIRE(table.links.settle(lead.id, static_cast<DirId>(inode % 3), "name", {2, inode}));
  }
  DirId dir = kNoId;
  for (ino_t inode = 0; inode < kMany; inode += 2) {  // half of them are through
    const LinkId id = table.links.claim({1, inode}, 2, 0).id;
    CHECK_FALSE(table.links.seen(id, dir));
    CHECK(table.links.seen(id, dir));
  }
  std::vector<unsigned> references(3);
  table.links.rebuild([&](DirId at) { ++references.at(at); });
  CHECK(references[0] + references[1] + references[2] == kMany / 2);
  for (ino_t inode = 0; inode < kMany; ++inode) {
    const LinkClaim claim = table.links.claim({1, inode}, 2, 0);
    CHECK(claim.role == (inode % 2 == 0 ? Role::kLead : Role::kFollow));
    if (inode % 2 != 0) CHECK(claim.destination.inode == inode);
  }
}
