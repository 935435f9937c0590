#pragma once
// Templates taken apart, and the texts and words they become for the values of a job.
//
// Words and values follow GNU parallel: a placeholder for all values becomes the values with a blank between; where
// the context is repeated (-X, -N, -L), what stands around it up to the next blank is repeated with each value.
// Immutable once compiled, so threads may share one. Values are views that the caller keeps alive.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mtask/result.hpp"
#include "pool/placeholder.hpp"

namespace mtask::pool {

struct JobValues {
  std::span<const std::string_view> values;
  bool inserted = true;  // false: nothing stands for them (-N0)
  std::uint64_t seq = 1;
  std::optional<std::uint64_t> total;
};

// A literal or a placeholder.
struct Piece {
  std::string literal;
  std::optional<Placeholder> placeholder;
};
using Pieces = std::vector<Piece>;

[[nodiscard]] Result<Pieces> parse_pieces(std::string_view text, const PlaceholderSyntax& syntax);
[[nodiscard]] bool has_placeholder(const Pieces& pieces);
[[nodiscard]] bool has_each(const Pieces& pieces);  // one for all values

// The words of a command without a shell. What one word becomes: several where a placeholder stands for several
// values; none where its placeholders stand for nothing and there is no text.
void append_arguments(std::vector<std::string>& argv, const Pieces& word, const JobValues& job, bool context);

class TextTemplate {
 public:
  TextTemplate() = default;
  // Text for a shell or a person: the words with blanks between, context ending at blanks inside them, too.
  [[nodiscard]] static TextTemplate of_text(const std::vector<Pieces>& words, bool context, bool quote_values);
  // How a command that is run without a shell would be written for one: values are quoted, and so is text that a shell
  // would not take as it is. The context of a placeholder is its word.
  [[nodiscard]] static TextTemplate of_arguments(const std::vector<Pieces>& words, bool context);

  void append(std::string& out, const JobValues& job) const;
  [[nodiscard]] bool has_placeholder() const;

  // append() adds as many bytes as the value_length() of each value and the rest_length().
  [[nodiscard]] std::ptrdiff_t value_length(std::string_view value) const;
  [[nodiscard]] std::ptrdiff_t rest_length(const JobValues& job) const;

 private:
  struct Group {
    std::string before;  // blanks
    Pieces pieces;
    bool repeated = false;
  };
  void append_group(std::string& out, const Group& group, const JobValues& job, const std::string_view* value) const;
  void append_value(std::string& out, std::string_view value) const;

  std::vector<Group> groups_;
  std::string after_;
  bool quote_values_ = false;
};

}  // namespace mtask::pool
