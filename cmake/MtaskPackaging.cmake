# Install rules, and the Debian package of `cpack -G DEB`.
include(GNUInstallDirs)

install(TARGETS mtask RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT mtask)

file(GLOB mtask_man_pages CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/docs/man/*.1")
if(mtask_man_pages)
  install(FILES ${mtask_man_pages} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT mtask)
endif()
install(FILES "${CMAKE_CURRENT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/mtask" RENAME copyright
  COMPONENT mtask OPTIONAL)
