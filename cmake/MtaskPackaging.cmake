# Install rules in two components, and a Debian package of each (`cpack --config build/release/CPackConfig.cmake`):
#   mtask         the program and its pages
#   libmtask-dev  headers and static libraries; find_package(mtask) gives the targets mtask::copy (mtask/copy.hpp),
#                 mtask::workers (mtask/shared_queue.hpp, mtask/process_pool.hpp) and mtask::coro (mtask/event_loop.hpp
#                 and what goes with it)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(mtask_dev_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/mtask")

install(TARGETS mtask RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT mtask)
file(GLOB mtask_man_pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/man/*.1")
if(mtask_man_pages)
  install(FILES ${mtask_man_pages} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT mtask)
endif()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/mtask" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT libmtask-dev FILES_MATCHING PATTERN "*.hpp")
foreach(layer base os workers coro copy)
  set_target_properties(mtask_${layer} PROPERTIES EXPORT_NAME ${layer})
  install(TARGETS mtask_${layer} EXPORT mtask ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT libmtask-dev)
endforeach()
install(EXPORT mtask FILE mtaskTargets.cmake NAMESPACE mtask:: DESTINATION "${mtask_dev_cmake_dir}"
  COMPONENT libmtask-dev)
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/mtaskConfig.cmake.in" "${PROJECT_BINARY_DIR}/mtaskConfig.cmake"
  INSTALL_DESTINATION "${mtask_dev_cmake_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/mtaskConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/mtaskConfig.cmake" "${PROJECT_BINARY_DIR}/mtaskConfigVersion.cmake"
  DESTINATION "${mtask_dev_cmake_dir}" COMPONENT libmtask-dev)

if(EXISTS "${PROJECT_SOURCE_DIR}/LICENSE")
  foreach(component mtask libmtask-dev)
    install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${component}"
      RENAME copyright COMPONENT ${component})
  endforeach()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "The mtask developers")
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL mtask libmtask-dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_MTASK_PACKAGE_NAME mtask)
set(CPACK_DEBIAN_MTASK_PACKAGE_SECTION utils)
set(CPACK_COMPONENT_MTASK_DESCRIPTION "${PROJECT_DESCRIPTION}")
set(CPACK_DEBIAN_LIBMTASK-DEV_PACKAGE_NAME libmtask-dev)
set(CPACK_DEBIAN_LIBMTASK-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBMTASK-DEV_PACKAGE_DEPENDS libspdlog-dev)
set(CPACK_COMPONENT_LIBMTASK-DEV_DESCRIPTION "Headers and static libraries of mtask")
include(CPack)
