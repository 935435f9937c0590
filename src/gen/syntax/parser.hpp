#pragma once
// Reads pipelines. Three ways of writing give the same tree:
//   arguments   range 1 10 : take 3        each argument is a word, a bare `:` separates stages
//   one text    'range 1 10 | take 3'      words as a shell has them ('…', "…", \c); `|` or a bare `:` separates
// and operands may be texts themselves. Shorthands stand for a source:
//   1..10  1..10..2   range 1 10, range 1 10 2
//   a,b,c             words a b c
//   @file             lines file
//   -                 lines -

#include <span>
#include <string>
#include <string_view>

#include "gen/syntax/tree.hpp"

namespace mtask::gen {

[[nodiscard]] Result<Pipeline> parse_arguments(std::span<const std::string> arguments);
[[nodiscard]] Result<Pipeline> parse_text(std::string_view text);

// Replaces the only word of a stage by what it is short for, where it is a shorthand.
[[nodiscard]] bool expand_shorthand(StageNode& stage);

}  // namespace mtask::gen
