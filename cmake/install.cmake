# What `cmake --install` puts in place: the library, its headers, and how CMake and pkg-config find them.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/freehold")

install(TARGETS freehold_library EXPORT freehold_targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(FILES native/include/freehold.h native/include/freehold_node.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT freehold_targets FILE freeholdTargets.cmake NAMESPACE freehold:: DESTINATION "${package_dir}")

configure_package_config_file(cmake/freeholdConfig.cmake.in "${PROJECT_BINARY_DIR}/freeholdConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
# Before 1.0.0 a new minor version may break what the last one promised.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/freeholdConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/freeholdConfig.cmake" "${PROJECT_BINARY_DIR}/freeholdConfigVersion.cmake"
  DESTINATION "${package_dir}")

# Relative to where freehold.pc lies, so that what was installed can be moved.
file(RELATIVE_PATH prefix_from_pc "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
configure_file(cmake/freehold.pc.in "${PROJECT_BINARY_DIR}/freehold.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/freehold.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
