#include "workers/task_worker.hpp"

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

namespace mtask::workers {
namespace {

std::string name_of(const std::type_info* type) {
  if (type == nullptr) return "an exception";
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(type->name(), nullptr, nullptr, &status),
                                                    std::free);
  return status == 0 ? name.get() : type->name();
}

void set_text(TaskBoard& board, SlotId slot, const std::string& text) {
  board.set_output(slot, TaskBoard::Outcome::kThrew, std::as_bytes(std::span(text)));
}

void perform(TaskBoard& board, SlotId slot, const detail::pool_core::Work& work, std::vector<std::byte>& output) {
  output.clear();
  try {
    decoder in(board.input(slot));
    encoder out(output);
    work(in, out);
    if (output.size() <= board.shape().max_output) {
      board.set_output(slot, TaskBoard::Outcome::kValue, output);
    } else {
      board.set_output(slot, TaskBoard::Outcome::kTooLarge, {});
      board.task(slot).output_size = output.size();
    }
  } catch (const std::exception& error) {
    set_text(board, slot, name_of(&typeid(error)) + ": " + error.what());
  } catch (const abi::__forced_unwind&) {
    throw;  // the thread ends
  } catch (...) {
    set_text(board, slot, name_of(abi::__cxa_current_exception_type()) + " was thrown");
  }
}

}  // namespace

int work_on(TaskBoard& board, std::uint32_t worker, const detail::pool_core::Work& work) {
  std::vector<std::byte> output;
  std::optional<SlotId> slot;
  while ((slot = board.take(worker, slot))) {
    board.begin(*slot);
    perform(board, *slot, work, output);
    flush_standard_streams();
  }
  return 0;
}

void flush_standard_streams() {
  std::cout.flush();
  std::clog.flush();
  std::fflush(nullptr);
}

}  // namespace mtask::workers
