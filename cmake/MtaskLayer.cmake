include(GNUInstallDirs)

# mtask_layer(NAME [LAYERS …] [PRIVATE_LIBRARIES …]): the static library mtask_NAME from the .cpp files below src/NAME.
function(mtask_layer name)
  cmake_parse_arguments(arg "" "" "LAYERS;PRIVATE_LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/${name}/*.cpp")
  add_library(mtask_${name} STATIC ${sources})
  target_include_directories(mtask_${name} PUBLIC
    "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>" "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/src>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  list(TRANSFORM arg_LAYERS PREPEND mtask_ OUTPUT_VARIABLE below)
  target_link_libraries(mtask_${name} PUBLIC ${below} PRIVATE $<BUILD_INTERFACE:mtask_compiler> ${arg_PRIVATE_LIBRARIES})
endfunction()
