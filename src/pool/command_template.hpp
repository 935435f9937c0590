#pragma once
// The command of a run, compiled once: what a job's values make of it.
//
// Without a shell each word of the template becomes one element of argv (more or fewer as pool/text_template.hpp
// says), whatever bytes the values hold. With a shell the words are joined by blanks, each value is quoted for it, and
// the text is run as {shell, "-c", text}; values are not quoted when the first word is nothing but a placeholder, as
// GNU parallel does, so that whole command lines can be values.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "mtask/pool.hpp"
#include "mtask/result.hpp"
#include "pool/job.hpp"
#include "pool/text_template.hpp"

namespace mtask::pool {

// Whether a command given as these words is for a shell where nothing else was said: no word at all (each value is a
// command line), or one word that holds shell syntax or whose command's name comes from a value.
[[nodiscard]] bool wants_shell(const std::vector<std::string>& words);

class CommandTemplate {
 public:
  // `names` are those of the values, from a header. Usage errors for a template that cannot be.
  [[nodiscard]] static Result<CommandTemplate> compile(const Config& config, std::vector<std::string> names);

  // Fills in argv, shown, tag, workdir and results.
  void render(JobSpec& spec, const JobValues& job) const;
  // As TextTemplate's, of JobSpec::shown.
  [[nodiscard]] std::ptrdiff_t value_length(std::string_view value) const { return shown_.value_length(value); }
  [[nodiscard]] std::ptrdiff_t rest_length(const JobValues& job) const { return shown_.rest_length(job); }
  // A placeholder stands for the number of all jobs.
  [[nodiscard]] bool needs_total() const { return needs_total_; }

 private:
  std::vector<Pieces> words_;
  TextTemplate shown_;  // with a shell: what that runs
  std::optional<TextTemplate> tag_;
  std::optional<TextTemplate> workdir_;
  std::string shell_;  // empty: none
  bool quote_ = false;
  bool context_ = false;
  bool needs_total_ = false;
};

// The context of a placeholder is repeated with each value: -X, -N, -L.
[[nodiscard]] bool repeats_context(const Inputs& inputs);

}  // namespace mtask::pool
