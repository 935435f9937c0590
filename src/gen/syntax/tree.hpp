#pragma once
// A pipeline as written: stages with their words, and each word's place in the line, for messages with a caret.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mtask/result.hpp"

namespace mtask::gen {

struct Word {
  std::string text;
  std::shared_ptr<const std::string> line;  // what it stands in
  std::size_t at = 0;                       // where in `line`, in bytes
  std::size_t length = 0;                   // there, quotes included
};

struct StageNode {
  Word name;
  std::vector<Word> words;
};

using Pipeline = std::vector<StageNode>;

// A refusal that points at `word`: the message, the line, a caret under the word.
[[nodiscard]] Error error_at(const Word& word, const std::string& message);

}  // namespace mtask::gen
