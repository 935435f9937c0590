#include "gen/random.hpp"

#include <random>

namespace mtask::gen {

std::uint64_t system_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace mtask::gen
