#pragma once
// What GNU parallel says to lines of shell. Each start of it takes most of a second, so its answers are kept in
// tests/LAYER/parallel_answers.txt, to be read and reviewed there; scripts/record-parallel writes these files anew.

#include <compare>
#include <string>
#include <vector>

namespace mtask::test {

struct Question {
  std::string line;   // for sh; each `@` in it stands for the program
  std::string input;  // of sh
  auto operator<=>(const Question&) const = default;
};

struct Answer {
  std::string out;
  int code = 0;
  bool operator==(const Answer&) const = default;
};

struct Recorded {
  Question question;
  Answer answer;
};

// Runs the line with `program` in place of `@`, in a scratch directory that holds the files list1 (one, two), list2
// (1 to 3) and commands. Jobs' shell is /bin/sh, and no configuration of the user counts.
[[nodiscard]] Answer ask(const Question& question, const std::string& program);
[[nodiscard]] Answer ask_parallel(const Question& question);

// As sh takes it.
[[nodiscard]] std::string words_quoted(const std::vector<std::string>& words);

// For the failure's message, all that isn't printable escaped.
[[nodiscard]] std::string text_of(const Answer& answer);

// What parallel said; throws std::runtime_error where that is not recorded. `section` is where it stands in the file.
// With MTASK_RECORD_PARALLEL set, the real one is asked and its answer added to the file.
[[nodiscard]] Answer recorded(const std::string& layer, const std::string& section, const Question& question);

[[nodiscard]] std::vector<Recorded> all_recorded(const std::string& layer);

// Of the parallel that answered, and of the one that is installed (empty: none). As it prints them.
[[nodiscard]] std::string recorded_version(const std::string& layer);
[[nodiscard]] std::string installed_version();

}  // namespace mtask::test
