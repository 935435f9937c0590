#include "toy_copy.hpp"

#include <vector>

namespace mtask::test {

using copy::Board;
using copy::DirId;
using copy::ItemKind;
using copy::LinkClaim;
using copy::NameBlock;

namespace {

// Of one file: small ones have two in a directory and two in the next.
constexpr std::uint32_t kNames = 4;
constexpr std::uint32_t kNamesOfBig = 2;

bool has_big_file(std::uint32_t directory) { return directory % 3 == 1; }

std::string padded(std::string name) {
  name.resize(200, '.');
  return name;
}

}  // namespace

ToyCopy::ToyCopy(const ToyTree& tree, std::uint32_t workers)
    : tree_(tree),
      region_(os::SharedRegion::map(os::SharedRegion::room<Notes>(tree.directories) + 4096).value()),
      notes_(region_.carve<Notes>(tree.directories)),
      clock_(region_.carve<std::atomic<std::uint32_t>>(1)),
      board_(Board::create(workers, 1).value()) {
  if (!board_->add_operand(0, 0)) throw std::bad_alloc();
}

std::uint32_t ToyCopy::number_of(DirId dir) {
  return static_cast<std::uint32_t>(std::stoul(std::string(board_->name(dir))));
}

int ToyCopy::work(std::uint32_t worker) {
  while (auto slot = on_board([&](Board& board) { return board.next(worker); })) {
    do execute(*slot, worker);
    while (on_board([&](Board& board) { return board.complete(*slot); }));
  }
  return 0;
}

void ToyCopy::recover(std::uint32_t worker) {
  board_->recover(worker, [](SlotId, std::uint32_t) { return true; });
}

void ToyCopy::execute(SlotId& slot, std::uint32_t worker) {
  const copy::Item item = board_->item(slot);
  switch (item.kind) {
    case ItemKind::kWalk:
      walk(slot, worker);
      break;
    case ItemKind::kBatch:
      if (item.block == copy::kNoId) {
        static_cast<void>(entry(item.dir, "0", worker));  // the operand's one entry
      } else {
        batch(item.dir, board_->block(item.block), &board_->at(slot), worker);
      }
      break;
    case ItemKind::kRange:
      range(slot);
      break;
    case ItemKind::kSeal:
      seal(slot);
      break;
    case ItemKind::kFinish:
      if (board_->directory(item.dir).parent == copy::kNoId) break;
      if (board_->directory(item.dir).state != copy::Directory::kLive) break;  // its holder died after all was done
      notes_[number_of(item.dir)].last_finish = clock_->fetch_add(1) + 1;
      notes_[number_of(item.dir)].finished.fetch_add(1);
      break;
  }
}

void ToyCopy::walk(SlotId& slot, std::uint32_t worker) {
  const DirId dir = board_->item(slot).dir;
  const std::uint32_t number = number_of(dir);
  std::vector<std::string> names;
  for (std::uint32_t child = number * tree_.branch + 1; child <= number * tree_.branch + tree_.branch; ++child) {
    if (child < tree_.directories) names.push_back(std::to_string(child));
  }
  for (std::uint32_t file = 0; file < tree_.files; ++file) names.push_back(padded("f" + std::to_string(file)));
  for (std::uint32_t link = 0; link < 2; ++link) {
    names.push_back("l" + std::to_string(number / 2) + '-' + std::to_string(link));
  }
  if (has_big_file(number)) {
    for (const char* name : {"b0", "b1"}) names.push_back(name + ('-' + std::to_string(number)));
  }
  NameBlock block{};
  for (const std::string& name : names) {
    if (block.add(name, 0)) continue;
    if (!on_board([&](Board& board) { return board.publish(dir, block); })) batch(dir, block, nullptr, worker);
    block.clear();
    static_cast<void>(block.add(name, 0));
  }
  notes_[number].walked.fetch_add(1);
  if (const auto other = on_board([&](Board& board) { return board.continue_as_batch(slot, worker, block); })) {
    slot = *other;
    batch(dir, board_->block(board_->item(slot).block), &board_->at(slot), worker);
  } else {
    batch(dir, block, nullptr, worker);
  }
}

void ToyCopy::batch(DirId dir, const NameBlock& block, std::atomic<std::uint32_t>* at, std::uint32_t worker) {
  const std::uint32_t begin = at != nullptr ? at->load() : 0;
  std::vector<std::string> later;
  std::uint32_t offset = 0;
  for (std::uint32_t i = 0; i < block.count(); ++i) {
    const std::string name(block.next(offset).view());
    if (i < begin) continue;
    if (at != nullptr && later.empty()) at->store(i);
    if (!entry(dir, name, worker)) later.push_back(name);
  }
  while (!later.empty()) {
    std::erase_if(later, [&](const std::string& name) { return entry(dir, name, worker); });
    if (later.empty()) break;
    if (auto other = on_board([&](Board& board) { return board.next_urgent(worker); })) {
      do execute(*other, worker);
      while (on_board([&](Board& board) { return board.complete(*other); }));
    } else {
      board_->wait_for_change();
    }
  }
}

bool ToyCopy::entry(DirId dir, const std::string& name, std::uint32_t worker) {
  const bool someone_died = board_->deaths() > 0;
  if (board_->directory(dir).parent == copy::kNoId || (name[0] >= '0' && name[0] <= '9')) {
    const bool added = on_board([&](Board& board) { return board.add_directory(dir, name, 0, someone_died); });
    if (!added) notes_[0].refused.fetch_add(1);
    return true;
  }
  if (name[0] != 'f') return link(dir, name, worker);
  notes_[number_of(dir)].files.fetch_add(1);
  return true;
}

// "l<group>-<name>" or "b<name>-<directory>".
bool ToyCopy::link(DirId dir, const std::string& name, std::uint32_t worker) {
  const bool big = name[0] == 'b';
  const auto group = static_cast<ino_t>(std::stoul(big ? name.substr(name.find('-') + 1) : name.substr(1)));
  const copy::Identity source{big ? 3U : 1U, group};
  const copy::Identity destination{source.device + 1, group};
  const std::uint32_t names = big ? kNamesOfBig : kNames;
  const LinkClaim claim = on_board([&](Board& board) { return board.claim_link(source, names, worker); });
  if (claim.role == LinkClaim::Role::kBusy) return false;
  if (claim.role == LinkClaim::Role::kFollow && (claim.destination != destination || claim.name[0] != name[0])) {
    notes_[0].refused.fetch_add(1);
  }
  if (big && claim.role == LinkClaim::Role::kLead) {
    lead_big(dir, name, claim, source);
    return true;
  }
  if (claim.role == LinkClaim::Role::kLead) {
    on_board([&](Board& board) {
      board.settle_link(claim.id, dir, name, destination);
      return true;
    });
  }
  notes_[number_of(dir)].links.fetch_add(1);
  on_board([&](Board& board) {
    board.link_seen(claim.id);
    return true;
  });
  return true;
}

void ToyCopy::lead_big(DirId dir, const std::string& name, const LinkClaim& claim, const copy::Identity& source) {
  copy::BigFile big{};
  big.dir = dir;
  big.link = claim.id;
  big.source = source;
  big.destination = {source.device + 1, source.inode};
  if (on_board([&](Board& board) { return board.add_big(big, name, tree_.ranges); })) return;
  // No room: copied by this worker alone.
  notes_[number_of(dir)].ranges.fetch_add(tree_.ranges);
  notes_[number_of(dir)].sealed.fetch_add(1);
  on_board([&](Board& board) {
    board.settle_link(claim.id, dir, name, big.destination);
    board.link_seen(claim.id);
    return true;
  });
}

void ToyCopy::range(SlotId slot) {
  on_board([&](Board& board) {
    board.split_range(slot);
    return true;
  });
  const copy::Item item = board_->item(slot);
  notes_[number_of(item.dir)].ranges.fetch_add(item.count);
}

void ToyCopy::seal(SlotId slot) {
  const copy::BigId id = board_->item(slot).big;
  if (board_->big(id).state != copy::BigFile::kLive) return;  // its holder died after all was done
  notes_[number_of(board_->item(slot).dir)].sealed.fetch_add(1);
  const std::string name(board_->big_name(id));
  on_board([&](Board& board) {
    board.settle_big_link(board.big(id), name);
    return true;
  });
}

std::string ToyCopy::complaints(bool exactly) {
  std::string text;
  const auto expect = [&](std::uint32_t directory, const char* what, std::uint32_t got, std::uint32_t least) {
    if (got < least || (exactly && got != least)) {
      text += std::to_string(directory) + ": " + what + ' ' + std::to_string(got) + " times, not " +
              std::to_string(least) + '\n';
    }
  };
  for (std::uint32_t number = 0; number < tree_.directories; ++number) {
    const Notes& notes = notes_[number];
    expect(number, "walked", notes.walked, 1);
    expect(number, "files", notes.files, tree_.files);
    expect(number, "links", notes.links, has_big_file(number) ? 3 : 2);
    expect(number, "ranges", notes.ranges, has_big_file(number) ? tree_.ranges : 0);
    expect(number, "sealed", notes.sealed, has_big_file(number) ? 1 : 0);
    expect(number, "finished", notes.finished, 1);
    const std::uint32_t parent = number == 0 ? 0 : (number - 1) / tree_.branch;
    if (number != 0 && notes_[parent].last_finish <= notes.last_finish) {
      text += std::to_string(number) + ": finished after its parent\n";
    }
  }
  if (notes_[0].refused > 0) text += "refused " + std::to_string(notes_[0].refused) + " times\n";
  if (const std::uint32_t left = board_->live_items(); left > 0) text += std::to_string(left) + " items left\n";
  for (DirId dir = 0; dir < 4 * tree_.directories + 8; ++dir) {
    const std::uint32_t state = board_->directory(dir).state;
    // Once somebody died, link groups are kept, and with them the directories that they name.
    if (state == copy::Directory::kLive || (exactly && state != copy::Directory::kFree)) {
      text += "directory entry " + std::to_string(dir) + " is still in use\n";
    }
  }
  board_->for_each_big([&](const copy::BigFile&) { text += "a big file is still in use\n"; });
  return text;
}

}  // namespace mtask::test
