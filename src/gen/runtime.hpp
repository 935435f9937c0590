#pragma once
// What the stages of one run share. Lives as long as the run; one thread.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::gen {

struct Runtime {
  bool keep_going = false;              // a source that fails ends like one that is exhausted, once report() was told
  std::uint64_t memory = 64ULL << 20U;  // bytes; what needs more goes to files in `tmpdir`
  std::string tmpdir = "/tmp";
  char record_end = '\n';                    // of the lines that sources read where they have no option for it
  std::string field_separator = "\t";        // where the fields of a value become a text
  bool ended_well = false;                   // set before streams are closed: neither failed nor interrupted
  bool standard_input_taken = false;         // by a stage of the pipeline
  std::function<void(const Error&)> report;  // tells a failure that does not end the run
  // A hand-over between the streams of a stage: "merge", "tick .5s", "words a b". Empty unless somebody wants to know.
  std::function<void(std::string_view stage, std::string_view from, std::string_view to)> trace;
};

}  // namespace mtask::gen
