#pragma once
// How large the integers of an expression may be before its arithmetic could wrap around at 64 bits.

#include <optional>
#include <string_view>

namespace mtask::gen {

// So many bits may each variable of the expression have; 0: it wraps around with any. A bound that is easily told, not
// the best one: by induction over +, - and *, whatever is computed is at most the product of all variables and literals
// (those that are not 0), doubled for each sum.
//
// Nothing where no integer can grow, and where more than arithmetic goes on: calls, indices, powers, bits, texts that
// are put together.
[[nodiscard]] std::optional<int> integer_room(std::string_view expression);

}  // namespace mtask::gen
