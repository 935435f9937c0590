#include "support/places.hpp"

namespace mtask::test {

std::string source_dir() { return MTASK_SOURCE_DIR; }
std::string mtask_binary() { return MTASK_BINARY; }

}  // namespace mtask::test
