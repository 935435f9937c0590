# mtask_discover_tests(TARGET PREFIX PROPERTIES…): each test case of the Catch2 executable TARGET becomes the test
# PREFIX:name of ctest's. Catch2's own script loses names that begin with '-' or hold a ';'.
# The file is also the script that lists the cases, after each link: EXECUTABLE, PREFIX, PROPERTIES, OUTPUT.
cmake_minimum_required(VERSION 3.22)

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(mtask_discover_script "${CMAKE_CURRENT_LIST_FILE}" CACHE INTERNAL "")
  function(mtask_discover_tests target prefix)
    set(list "${CMAKE_CURRENT_BINARY_DIR}/${target}.cases.cmake")
    add_custom_command(TARGET ${target} POST_BUILD BYPRODUCTS "${list}"
      COMMAND "${CMAKE_COMMAND}" "-DEXECUTABLE=$<TARGET_FILE:${target}>" "-DPREFIX=${prefix}" "-DOUTPUT=${list}"
        "-DPROPERTIES=${ARGN}" -P "${mtask_discover_script}"
      VERBATIM)
    # What isn't built must fail, not vanish.
    file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/${target}.include.cmake"
      "if(EXISTS [==[${list}]==])\n  include([==[${list}]==])\nelse()\n"
      "  add_test(${prefix}:NOT_BUILT ${target}-is-not-built)\nendif()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${CMAKE_CURRENT_BINARY_DIR}/${target}.include.cmake")
  endfunction()
  return()
endif()

# Returns the number of cases, negative when it failed.
execute_process(COMMAND "${EXECUTABLE}" --list-test-names-only OUTPUT_VARIABLE names RESULT_VARIABLE count)
if(NOT count MATCHES "^[1-9][0-9]*$")
  message(FATAL_ERROR "${EXECUTABLE} lists no test cases: ${count}\n${names}")
endif()

set(properties "")
foreach(property IN LISTS PROPERTIES)
  string(APPEND properties " [==[${property}]==]")
endforeach()

# Not as a CMake list, which would split at ';' and join at '['.
set(script "")
while(NOT names STREQUAL "")
  string(FIND "${names}" "\n" end)
  string(SUBSTRING "${names}" 0 ${end} name)
  math(EXPR next "${end} + 1")
  string(SUBSTRING "${names}" ${next} -1 names)
  if(name STREQUAL "")
    continue()
  endif()
  string(REGEX REPLACE "([][\\,\"*])" "\\\\\\1" pattern "${name}")
  string(REGEX REPLACE "^([-~])" "\\\\\\1" pattern "${pattern}")
  # NoTests: should a pattern miss its case, that fails instead of passing with nothing run.
  string(APPEND script
    "add_test([==[${PREFIX}:${name}]==] [==[${EXECUTABLE}]==] [==[${pattern}]==] -w NoTests)\n"
    "set_tests_properties([==[${PREFIX}:${name}]==] PROPERTIES${properties})\n")
endwhile()
file(WRITE "${OUTPUT}" "${script}")
