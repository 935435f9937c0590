#include "gen/sources/column.hpp"

#include <utility>

namespace mtask::gen {
namespace {

constexpr std::uint64_t kShortValues = 4096;
constexpr std::size_t kShortBytes = 1 << 20;

// Nothing where it is long, or where a value cannot be read; whoever asks for that one gets the error.
std::shared_ptr<const Batch> read_short(const IndexedView& values) {
  if (!values.size() || *values.size() > kShortValues) return nullptr;
  auto texts = std::make_shared<Batch>();
  Batch some;
  for (std::uint64_t at = 0; at < *values.size(); at += some.size()) {
    const auto left = static_cast<std::size_t>(*values.size() - at);
    if (!values.read(at, left, some) || some.empty()) return nullptr;
    for (std::size_t i = 0; i < some.size(); ++i) {
      texts->add_fields(some, i);
      texts->end_row();
    }
    if (texts->text_bytes() > kShortBytes) return nullptr;
  }
  return texts;
}

}  // namespace

Column::Column(IndexedView values) : values_(std::move(values)), texts_(read_short(values_)) {}

Result<void> Column::add_to(Batch& out, std::uint64_t at, Batch& scratch) const {
  if (texts_) {
    out.add_fields(*texts_, static_cast<std::size_t>(at));
    return {};
  }
  if (auto read = values_.read(at, 1, scratch); !read) return read;
  out.add_fields(scratch, 0);
  return {};
}

}  // namespace mtask::gen
