// The matching half of pool/pattern.hpp.

#include <algorithm>

#include "pool/pattern.hpp"

namespace mtask::pool {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

}  // namespace

Scanner::Scanner(const Pattern& pattern, std::string_view subject) : pattern_(pattern), subject_(subject) {
  visited_.resize((pattern.code_.size() * (subject.size() + 1) + 63) / 64);
}

bool Scanner::boundary(std::size_t place) const {
  const bool before = place > 0 && is_word(subject_[place - 1]);
  const bool after = place < subject_.size() && is_word(subject_[place]);
  return before != after;
}

bool Scanner::visit(std::size_t code, std::size_t place, Seen* seen) {
  const std::size_t bit = place * pattern_.code_.size() + code;
  if (seen != nullptr) return seen->insert(bit).second;
  std::uint64_t& word = visited_[bit / 64];
  const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
  if ((word & mask) != 0) return false;
  if (word == 0) touched_.push_back(bit / 64);
  word |= mask;
  return true;
}

void Scanner::forget() {
  for (const std::size_t word : touched_) visited_[word] = 0;
  touched_.clear();
}

bool Scanner::step(State& state, std::vector<State>& others) {
  const Pattern::Instruction& code = pattern_.code_[state.code];
  const auto target = [&](std::int32_t by) {
    return state.code + static_cast<std::size_t>(static_cast<std::ptrdiff_t>(by));
  };
  const std::size_t place = state.place;
  const bool multiline = pattern_.options_.multiline;
  switch (code.op) {
    case Pattern::Op::kSet:
      if (place == subject_.size() ||
          !pattern_.sets_[static_cast<std::size_t>(code.x)][static_cast<unsigned char>(subject_[place])])
        return false;
      ++state.place;
      break;
    case Pattern::Op::kSplit:
      others.push_back({target(code.y), place, state.middle});
      state.code = target(code.x);
      return true;
    case Pattern::Op::kJump:
      state.code = target(code.x);
      return true;
    case Pattern::Op::kMiddle:
      state.middle = place;
      break;
    case Pattern::Op::kLineStart:
      if (place != 0 && !(multiline && subject_[place - 1] == '\n')) return false;
      break;
    case Pattern::Op::kLineEnd:
      if (place != subject_.size() && !(multiline && subject_[place] == '\n')) return false;
      break;
    case Pattern::Op::kBoundary:
      if (boundary(place) != (code.x == 1)) return false;
      break;
    case Pattern::Op::kAhead: {
      Seen seen;
      if (run(state.code + 1, place, &seen).has_value() != (code.y == 1)) return false;
      state.code = target(code.x);
      return true;
    }
    case Pattern::Op::kEnd:
      if (place != subject_.size()) return false;
      break;
    case Pattern::Op::kMatch:
      return true;
  }
  ++state.code;
  return true;
}

std::optional<Pattern::Match> Scanner::run(std::size_t code, std::size_t at, Seen* seen) {
  std::vector<State> own;
  std::vector<State>& others = seen == nullptr ? others_ : own;
  others.clear();
  others.push_back({code, at, at});
  while (!others.empty()) {
    State state = others.back();
    others.pop_back();
    while (visit(state.code, state.place, seen)) {
      if (pattern_.code_[state.code].op == Pattern::Op::kMatch) return Pattern::Match{at, state.place, state.middle};
      if (!step(state, others)) break;
    }
  }
  return std::nullopt;
}

bool Scanner::may_begin(std::size_t at) const {
  if (!pattern_.first_) return true;
  return at < subject_.size() && (*pattern_.first_)[static_cast<unsigned char>(subject_[at])];
}

std::optional<Pattern::Match> Scanner::match_at(std::size_t at) {
  if (!may_begin(at)) return std::nullopt;
  std::optional<Pattern::Match> found = run(0, at, nullptr);
  if (found) forget();
  return found;
}

std::optional<Pattern::Match> Scanner::search(std::size_t from) {
  for (std::size_t at = from; at <= subject_.size(); ++at) {
    if (std::optional<Pattern::Match> found = match_at(at)) return found;
  }
  return std::nullopt;
}

std::optional<Pattern::Match> Scanner::search_back(std::size_t from) {
  for (std::size_t at = std::min(from, subject_.size());; --at) {
    if (std::optional<Pattern::Match> found = match_at(at)) return found;
    if (at == 0) return std::nullopt;
  }
}

}  // namespace mtask::pool
