# Generates mtask_version.hpp (kVersion, kCommit) into the build directory, anew at each build, rewritten only when the
# commit changes. Link mtask_version to include it. Outside a git work tree the commit is "unknown"; a packager may set
# MTASK_COMMIT.
set(MTASK_COMMIT "" CACHE STRING "Commit to report in --version; empty: ask git")

set(mtask_version_dir "${CMAKE_BINARY_DIR}/generated")
set(mtask_version_command
  "${CMAKE_COMMAND}" "-DOUTPUT=${mtask_version_dir}/mtask_version.hpp" "-DVERSION=${PROJECT_VERSION}"
  "-DCOMMIT=${MTASK_COMMIT}" "-DSOURCE_DIR=${CMAKE_CURRENT_SOURCE_DIR}"
  -P "${CMAKE_CURRENT_LIST_DIR}/WriteVersion.cmake")

add_custom_target(mtask_write_version
  COMMAND ${mtask_version_command}
  BYPRODUCTS "${mtask_version_dir}/mtask_version.hpp"
  COMMENT "" VERBATIM)
add_library(mtask_version INTERFACE)
target_include_directories(mtask_version INTERFACE "${mtask_version_dir}")
add_dependencies(mtask_version mtask_write_version)
