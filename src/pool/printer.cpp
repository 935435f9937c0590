#include "pool/printer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "os/fd_io.hpp"

namespace mtask::pool {
namespace {

constexpr std::size_t kInMemory = 4U << 20;

}  // namespace

void Printer::begin(std::uint64_t ticket) {
  if (ordered_) places_.resize(ticket - first_ + 1);
}

void Printer::add(std::uint64_t ticket, std::uint64_t item, const std::string& tag, Output output) {
  if (its_turn(ticket)) {
    if (writer_.waiting() + output.bytes.size() > kInMemory) spool(output);
    writer_.add(item, tag, std::move(output));
    return;
  }
  if (output.path.empty() && output.bytes.empty()) return;
  Place& place = places_[ticket - first_];
  if (!place.held) place.held = std::make_unique<Held>(Held{item, tag, {}});
  if (held_bytes_ + output.bytes.size() > kInMemory) spool(output);
  held_bytes_ += output.bytes.size();
  held_in_file_ += output.size;
  place.held->outputs.push_back(std::move(output));
}

// Where that can't be, the bytes stay in memory.
void Printer::spool(Output& output) {
  if (output.bytes.empty()) return;
  if (!file_ && !directory_.empty()) {
    const std::string path = directory_ + "/held";
    file_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    ::unlink(path.c_str());
  }
  if (file_size_ > 0 && held_in_file_ == 0 && writer_.in_files() == 0 && ::ftruncate(file_.get(), 0) == 0)
    file_size_ = 0;
  if (!file_ || os::pwrite_full(file_.get(), output.bytes.data(), output.bytes.size(), file_size_) == -1) return;
  output.fd = file_.get();
  output.offset = file_size_;
  output.size = output.bytes.size();
  file_size_ += static_cast<std::int64_t>(output.size);
  output.bytes = {};
}

void Printer::release(Place& place) {
  if (!place.held) return;
  for (Output& output : place.held->outputs) {
    held_bytes_ -= output.bytes.size();
    held_in_file_ -= output.size;
    writer_.add(place.held->item, place.held->tag, std::move(output));
  }
  place.held.reset();
}

void Printer::end(std::uint64_t ticket) {
  if (!ordered_) return;
  places_[ticket - first_].over = true;
  advance();
}

void Printer::advance() {
  while (!places_.empty()) {
    release(places_.front());
    if (!places_.front().over) return;
    places_.pop_front();
    ++first_;
  }
}

void Printer::end_all() {
  for (Place& place : places_) place.over = true;
  advance();
}

}  // namespace mtask::pool
