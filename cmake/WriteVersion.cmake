# Run as a script by MtaskVersion.cmake: writes OUTPUT from VERSION, COMMIT and the git work tree SOURCE_DIR.
if(NOT COMMIT)
  # Only a repository whose top is SOURCE_DIR counts: a tarball unpacked inside somebody else's must not report theirs.
  find_program(git git)
  if(git AND EXISTS "${SOURCE_DIR}/.git")
    execute_process(COMMAND "${git}" -C "${SOURCE_DIR}" rev-parse --short=12 HEAD
      OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(failed)
      set(COMMIT "")
    else()
      execute_process(COMMAND "${git}" -C "${SOURCE_DIR}" diff-index --quiet HEAD -- RESULT_VARIABLE changed ERROR_QUIET)
      if(changed)
        string(APPEND COMMIT "+changes")
      endif()
    endif()
  endif()
endif()
if(NOT COMMIT)
  set(COMMIT "unknown")
endif()

file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT [[#pragma once
// Generated at build time.

#include <string_view>

namespace mtask {

inline constexpr std::string_view kVersion = "@VERSION@";
inline constexpr std::string_view kCommit = "@COMMIT@";

}  // namespace mtask
]])
