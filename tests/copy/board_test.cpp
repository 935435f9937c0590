// The board while nobody dies, and what a supervisor learns of the dead.

#include "copy/board.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "toy_copy.hpp"
#include "workers/worker_group.hpp"

using namespace mtask;
using namespace mtask::copy;
using test::ToyCopy;
using SlotId = Board::SlotId;

namespace {

NameBlock block_of(const std::vector<std::string>& names) {
  NameBlock block{};
  for (const std::string& name : names) REQUIRE(block.add(name, 0));
  return block;
}

// The next item, of the kind that is due.
SlotId take(Board& board, std::uint32_t worker, ItemKind kind) {
  const auto slot = board.next(worker);
  REQUIRE(slot);
  REQUIRE(board.item(*slot).kind == kind);
  return *slot;
}

// An operand, and below it the directory "a", to be walked.
DirId operand_with_directory(Board& board) {
  REQUIRE(board.add_operand(0, 0));
  const SlotId slot = take(board, 0, ItemKind::kBatch);
  const DirId operand = board.item(slot).dir;
  REQUIRE(board.add_directory(operand, "a", 0, false));
  CHECK_FALSE(board.complete(slot));
  return operand;
}

}  // namespace

TEST_CASE("a directory is finished once, when all inside is done, the deepest first") {
  auto board = Board::create(1, 1).value();
  const DirId operand = operand_with_directory(*board);
  SlotId slot = take(*board, 0, ItemKind::kWalk);
  const DirId a = board->item(slot).dir;
  CHECK(board->name(a) == "a");
  REQUIRE(board->publish(a, block_of({"b", "file"})));
  const auto rest = board->continue_as_batch(slot, 0, block_of({"last"}));
  REQUIRE(rest);
  CHECK_FALSE(board->complete(*rest));  // the published batch is left

  slot = take(*board, 0, ItemKind::kBatch);
  CHECK(board->block(board->item(slot).block).count() == 2);
  REQUIRE(board->add_directory(a, "b", 0, false));
  CHECK_FALSE(board->complete(slot));  // b is left

  slot = take(*board, 0, ItemKind::kWalk);
  const DirId b = board->item(slot).dir;
  CHECK(board->directory(b).parent == a);
  REQUIRE(board->complete(slot));  // empty
  CHECK(board->item(slot).kind == ItemKind::kFinish);
  CHECK(board->item(slot).dir == b);
  REQUIRE(board->complete(slot));
  CHECK(board->item(slot).kind == ItemKind::kFinish);
  CHECK(board->item(slot).dir == a);
  CHECK(board->directory(b).state == Directory::kFree);
  REQUIRE(board->complete(slot));
  CHECK(board->item(slot).dir == operand);
  CHECK_FALSE(board->complete(slot));
  CHECK(board->live_items() == 0);
  CHECK_FALSE(board->next(0));
  CHECK(board->directory(operand).state == Directory::kFree);
}

TEST_CASE("a big file's ranges go to whoever asks; who completes the last one seals it") {
  auto board = Board::create(2, 1).value();
  operand_with_directory(*board);
  const SlotId walk = take(*board, 0, ItemKind::kWalk);
  BigFile big{};
  big.dir = board->item(walk).dir;
  big.size = 123;
  REQUIRE(board->add_big(big, "big", 3));
  CHECK_FALSE(board->complete(walk));

  std::vector<std::pair<SlotId, std::uint32_t>> ranges;
  while (const auto slot = board->next_urgent(ranges.size() % 2)) {
    board->split_range(*slot);
    CHECK(board->item(*slot).count == 1);
    ranges.emplace_back(*slot, board->item(*slot).first);
  }
  REQUIRE(ranges.size() == 3);
  CHECK(ranges[0].second + ranges[1].second + ranges[2].second == 0 + 1 + 2);
  const BigId id = board->item(ranges[0].first).big;
  CHECK(board->big_name(id) == "big");
  CHECK(board->big(id).size == 123);
  CHECK_FALSE(board->complete(ranges[1].first));
  CHECK_FALSE(board->complete(ranges[0].first));
  REQUIRE(board->complete(ranges[2].first));
  const SlotId seal = ranges[2].first;
  CHECK(board->item(seal).kind == ItemKind::kSeal);
  CHECK(board->big(id).state == BigFile::kLive);
  REQUIRE(board->complete(seal));
  CHECK(board->item(seal).kind == ItemKind::kFinish);
  CHECK(board->big(id).state == BigFile::kFree);
}

TEST_CASE("a directory stays known while a hard link's first name stands in it") {
  auto board = Board::create(1, 1).value();
  operand_with_directory(*board);
  SlotId slot = take(*board, 0, ItemKind::kWalk);
  const DirId a = board->item(slot).dir;
  const Identity source{1, 10};
  const LinkClaim lead = board->claim_link(source, 2, 0);
  REQUIRE(lead.role == LinkClaim::Role::kLead);
  board->settle_link(lead.id, a, "first", {2, 20});
  board->link_seen(lead.id);
  while (board->complete(slot)) continue;
  CHECK(board->live_items() == 0);
  CHECK(board->directory(a).state == Directory::kDone);
  CHECK(board->name(a) == "a");
  const LinkClaim follow = board->claim_link(source, 2, 0);
  REQUIRE(follow.role == LinkClaim::Role::kFollow);
  CHECK(follow.dir == a);
  board->link_seen(follow.id);
  CHECK(board->directory(a).state == Directory::kFree);
}

TEST_CASE("a dead worker's items come back to be decided on, with the deaths at that very point") {
  auto board = Board::create(2, 1).value();
  operand_with_directory(*board);
  SlotId slot = take(*board, 0, ItemKind::kWalk);
  CHECK_FALSE(board->redone(slot));
  std::uint32_t told = 0;
  const auto again = [&](SlotId lost, std::uint32_t deaths) {
    CHECK(lost == slot);
    told = deaths;
    return true;
  };
  board->recover(1, again);  // held nothing
  CHECK(told == 0);
  board->recover(0, again);
  CHECK(told == 1);
  CHECK(board->deaths() == 2);
  CHECK(take(*board, 1, ItemKind::kWalk) == slot);
  CHECK(board->redone(slot));
  board->recover(1, again);
  CHECK(told == 2);
  take(*board, 0, ItemKind::kWalk);
  board->at(slot) = 1;
  board->recover(0, again);
  CHECK(told == 1);

  // Given up: what follows from its end becomes ready.
  take(*board, 0, ItemKind::kWalk);
  board->recover(0, [&](SlotId lost, std::uint32_t) {
    board->complete_for_dead(lost);
    return false;
  });
  CHECK(take(*board, 1, ItemKind::kFinish) == slot);
}

TEST_CASE("deaths at an item do not count for what follows it in the same slot") {
  auto board = Board::create(1, 1).value();
  operand_with_directory(*board);
  const SlotId walk = take(*board, 0, ItemKind::kWalk);
  std::vector<std::uint32_t> deaths;
  const auto again = [&](SlotId, std::uint32_t count) {
    deaths.push_back(count);
    return true;
  };
  board->recover(0, again);
  board->recover(0, again);  // requeued, and nobody holds it
  REQUIRE(take(*board, 0, ItemKind::kWalk) == walk);
  board->recover(0, again);
  REQUIRE(deaths == std::vector<std::uint32_t>{1, 2});
  REQUIRE(take(*board, 0, ItemKind::kWalk) == walk);
  REQUIRE(board->complete(walk));
  REQUIRE(board->item(walk).kind == ItemKind::kFinish);
  CHECK_FALSE(board->redone(walk));
  board->recover(0, again);
  CHECK(deaths.back() == 1);
}

TEST_CASE("a death at a range of a big file is none of the batch's that waits for the file") {
  auto board = Board::create(2, 1).value();
  operand_with_directory(*board);
  const SlotId walk = take(*board, 0, ItemKind::kWalk);
  const DirId a = board->item(walk).dir;
  BigFile big{};
  big.dir = a;
  REQUIRE(board->add_big(big, "big", 1));
  const auto batch = board->continue_as_batch(walk, 0, block_of({"other-name"}));
  REQUIRE(batch);
  const auto range = board->next_urgent(0);
  REQUIRE(range);
  std::map<SlotId, std::uint32_t> told;
  for (std::uint32_t death = 1; death <= 3; ++death) {
    board->recover(0, [&](SlotId slot, std::uint32_t deaths) {
      told[slot] = deaths;
      return true;
    });
    CHECK(told == std::map<SlotId, std::uint32_t>{{*batch, 0}, {*range, death}});
    CHECK(board->redone(*batch));
    REQUIRE(take(*board, 0, ItemKind::kRange) == *range);  // whoever holds the batch next helps too
    REQUIRE(take(*board, 0, ItemKind::kBatch) == *batch);
  }
}

TEST_CASE("a directory whose finder died is not added twice") {
  auto board = Board::create(1, 1).value();
  operand_with_directory(*board);
  const SlotId slot = take(*board, 0, ItemKind::kWalk);
  const DirId a = board->item(slot).dir;
  REQUIRE(board->add_directory(a, "b", 0, false));
  REQUIRE(board->add_directory(a, "b", 0, true));
  REQUIRE(board->add_directory(a, "c", 0, true));
  CHECK(board->live_items() == 3);
}

TEST_CASE("the names of a big file wait for it, then follow it, or lead anew when it is given up") {
  const bool given_up = GENERATE(false, true);
  auto board = Board::create(2, 1).value();
  operand_with_directory(*board);
  const SlotId walk = take(*board, 0, ItemKind::kWalk);
  BigFile big{};
  big.dir = board->item(walk).dir;
  big.source = {1, 10};
  big.destination = {2, 20};
  big.link = board->claim_link(big.source, 2, 0).id;
  REQUIRE(board->add_big(big, "big", 1));
  CHECK(board->claim_link(big.source, 2, 1).role == LinkClaim::Role::kBusy);
  const SlotId range = take(*board, 0, ItemKind::kRange);
  REQUIRE(board->complete(range));
  const BigFile& live = board->big(board->item(range).big);
  given_up ? board->abandon_big_link(live) : board->settle_big_link(live, "big");
  const LinkClaim claim = board->claim_link(big.source, 2, 1);
  CHECK(claim.role == (given_up ? LinkClaim::Role::kLead : LinkClaim::Role::kFollow));
  if (!given_up) CHECK(claim.destination == big.destination);
  // Sealed again, too late: the group is no longer that file's.
  board->abandon_big_link(live);
  CHECK(board->claim_link(big.source, 2, 0).role == (given_up ? LinkClaim::Role::kBusy : LinkClaim::Role::kFollow));
}

TEST_CASE("a halt ends everybody's work, and the first one's message stays") {
  auto board = Board::create(2, 1).value();
  operand_with_directory(*board);
  board->halt(Halt::kOutOfSpace, "no room");
  board->halt(Halt::kStopped, std::string(5000, 'x'));
  CHECK(board->halted() == Halt::kOutOfSpace);
  CHECK(board->halt_message() == "no room");
  CHECK_FALSE(board->next(0));
}

TEST_CASE("a halt wakes those who wait") {
  ToyCopy toy({2, 1, 0, 1}, 3);
  const auto held = toy.board().next(0);
  REQUIRE(held);
  auto group = workers::WorkerGroup::create([&](std::uint32_t worker) { return toy.work(worker); }).value();
  for (std::uint32_t worker = 1; worker < 3; ++worker) group.start(worker).value();
  toy.board().halt(Halt::kStopped, "");
  while (group.running() > 0) {
    const auto exits = group.wait(std::chrono::milliseconds(-1)).value();
    for (const auto& exit : exits) CHECK(exit.clean());
  }
}

TEST_CASE("one warning of a kind in a run") {
  auto board = Board::create(1, 1).value();
  CHECK(board->first_warning(Warning::kAcl));
  CHECK_FALSE(board->first_warning(Warning::kAcl));
  CHECK(board->first_warning(Warning::kOwner));
}

TEST_CASE("a tree is walked by one worker, and nothing is done twice") {
  ToyCopy toy({84, 4, 100, 5}, 1);
  CHECK(toy.work(0) == 0);
  CHECK(toy.complaints(true) == "");
}

TEST_CASE("a tree is walked by several workers, and nothing is done twice") {
  ToyCopy toy({1364, 4, 60, 5}, 3);
  auto group = workers::WorkerGroup::create([&](std::uint32_t worker) { return toy.work(worker); }).value();
  for (std::uint32_t worker = 0; worker < 3; ++worker) group.start(worker).value();
  while (group.running() > 0) {
    const auto exits = group.wait(std::chrono::milliseconds(-1)).value();
    for (const auto& exit : exits) CHECK(exit.clean());
  }
  CHECK(toy.complaints(true) == "");
}
