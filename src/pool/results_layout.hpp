#pragma once
// Where --results keeps the output of a job, in the layout of GNU parallel (its manual, --results; compared with
// version 20221122).
//
// DIR:       DIR/NAME/VALUE/NAME/VALUE/{stdout,stderr,seq}. NAME is the number of the input source, or its header's
// name;
//            names are sorted, as numbers first, then by bytes. In names and values \ becomes \\, tab \t and / \_.
// TEMPLATE:  {} the values joined by blanks, {#} the job's number, {2} the second value, {name} the value of that name,
//            as they are. When what comes out ends in / it is a folder for stdout, stderr and seq, else the file of the
//            output, beside .err and .seq.
//
// Unlike parallel, no job gets another one's place by these ways: the values . and .. are written \. and \.. ; of one
// that is longer than a name may be, 238 bytes are kept, with a hash of the whole; a job without values (--pipe) goes
// by its number; and what values make of a template stays below the folder that the template begins with. An empty
// value is an empty component, as with parallel: its files stand in the folder of NAME.
//
// Constant once parsed; any thread may ask.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mtask/result.hpp"
#include "pool/job.hpp"

namespace mtask::pool {

// Paths; all three are in one folder.
struct ResultFiles {
  std::string out;
  std::string err;
  std::string seq;  // to hold the number of the job, without a newline
};

class ResultsLayout {
 public:
  // A kUsage error for a {name} that the inputs don't have; kItem when the values would lead out of the template's
  // folder.
  [[nodiscard]] Result<ResultFiles> files(const JobSpec& job) const;

 private:
  friend Result<ResultsLayout> parse_results(std::string_view text);
  struct Part {
    enum class Kind : std::uint8_t { kLiteral, kAll, kSeq, kPosition, kName };
    Kind kind = Kind::kLiteral;
    std::string text;          // literal or name
    std::size_t position = 0;  // from 1
  };
  [[nodiscard]] Result<ResultFiles> rendered(const JobSpec& job) const;
  [[nodiscard]] Result<void> append(const Part& part, const JobSpec& job, std::string& path) const;

  std::string text_;         // as given
  std::vector<Part> parts_;  // of a template; empty: a folder
};

// Refuses, as usage errors: names ending in .csv, .tsv or .json, which parallel takes for one file of all outputs, and
// all other replacement strings ({.}, {/}, {%}, {= =}, …).
[[nodiscard]] Result<ResultsLayout> parse_results(std::string_view text);

// Makes the folder of `path`, with all above it, where they don't exist. The error (kItem) names it.
[[nodiscard]] Result<void> make_folder_of(const std::string& path);

}  // namespace mtask::pool
