#pragma once
// An Event on its way from a worker process to the supervisor, as bytes.

#include <string>
#include <string_view>

#include "mtask/events.hpp"

namespace mtask::copy {

[[nodiscard]] std::string encode(const Event& event);

// The views of the result point into `record`. A record is trusted: it comes from our own worker.
[[nodiscard]] Event decode(std::string_view record);

}  // namespace mtask::copy
