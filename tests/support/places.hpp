#pragma once
// Where this build has its things. Absolute paths, in one translation unit of their own, so that all others compile to
// the same in every checkout.

#include <string>

namespace mtask::test {

[[nodiscard]] std::string source_dir();    // of the project
[[nodiscard]] std::string mtask_binary();  // the program that black-box tests run

}  // namespace mtask::test
