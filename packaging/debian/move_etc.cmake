# Run by CPack before it packs. A Debian package has its settings in /etc, whatever its prefix; the tarball
# keeps them beside the rest.
set(made "${CPACK_TEMPORARY_INSTALL_DIRECTORY}")
if(CPACK_GENERATOR STREQUAL "DEB")
  file(RENAME "${made}/usr/etc" "${made}/etc")
endif()
