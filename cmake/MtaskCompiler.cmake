# Compiler settings shared by all targets: link to mtask_compiler. MTASK_SANITIZE takes what -fsanitize takes.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(MTASK_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize takes them")
option(MTASK_COVERAGE "Instrument for gcov" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(mtask_compiler INTERFACE)
target_compile_options(mtask_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-qual -Wformat=2 -Wundef -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlaps in std::string's operator+ that aren't there (its bug 105651).
  target_compile_options(mtask_compiler INTERFACE -Wno-restrict)
endif()
target_compile_definitions(mtask_compiler INTERFACE _FILE_OFFSET_BITS=64 _GNU_SOURCE)
if(MTASK_SANITIZE)
  target_compile_options(mtask_compiler INTERFACE -fsanitize=${MTASK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND MTASK_SANITIZE MATCHES "address.*undefined")
    # As shared libraries the two don't share their options, and UBSan's reports ignore log_path.
    target_link_options(mtask_compiler INTERFACE -static-libasan -static-libubsan)
  endif()
  # The instrumented code looks uninitialized to GCC, in the standard library too.
  target_compile_options(mtask_compiler INTERFACE -Wno-maybe-uninitialized)
  target_link_options(mtask_compiler INTERFACE -fsanitize=${MTASK_SANITIZE})
endif()
if(MTASK_COVERAGE)
  target_compile_options(mtask_compiler INTERFACE --coverage)
  target_link_options(mtask_compiler INTERFACE --coverage)
endif()
