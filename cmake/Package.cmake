# What `cmake --install` puts where, and the packages that CPack makes of it: a .deb and a tarball.
#
# The binary finds the bundled libraries beside itself ($ORIGIN/../lib/eclusa), so that the tree runs from
# any place. Units name their programs without a folder, which systemd looks for in /usr/local/bin and
# /usr/bin.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # tests are not shipped
set(packaging "${PROJECT_SOURCE_DIR}/packaging")

install(TARGETS eclusa RUNTIME DESTINATION bin)
if(ECLUSA_ARROW_LIBRARIES)
  foreach(name IN ITEMS arrow parquet)
    install(PROGRAMS "${ECLUSA_ARROW_LIBRARIES}/lib${name}.so.2600" DESTINATION lib/eclusa)
  endforeach()
  install(DIRECTORY "${ECLUSA_ARROW_LIBRARIES}/../licenses/" DESTINATION share/doc/eclusa/arrow)
  # The build tree's binary is linked with its own path (eclusa_executable).
  install(CODE [[
    file(RPATH_SET FILE "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/bin/eclusa" NEW_RPATH "$ORIGIN/../lib/eclusa")]])
endif()
install(DIRECTORY "${packaging}/systemd/" DESTINATION lib/systemd/system)
install(FILES "${packaging}/eclusa.yaml" DESTINATION etc/eclusa)
install(FILES "${packaging}/eclusa.env" DESTINATION etc/eclusa PERMISSIONS OWNER_READ OWNER_WRITE)
install(FILES "${packaging}/debian/copyright" LICENSE README.md docs/deployment.md docs/settings.md
  DESTINATION share/doc/eclusa)

execute_process(COMMAND dpkg --print-architecture OUTPUT_VARIABLE architecture
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT architecture)
  set(architecture "${CMAKE_SYSTEM_PROCESSOR}")
endif()

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_NAME eclusa)
set(CPACK_PACKAGE_VENDOR eclusa)
set(CPACK_PACKAGE_CONTACT "The eclusa authors <maintainers@eclusa.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "bulk ingestion into PostgreSQL, each row accounted for")
set(CPACK_PACKAGE_FILE_NAME "eclusa-${PROJECT_VERSION}-linux-${architecture}")
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${packaging}/debian/move_etc.cmake")

set(CPACK_DEBIAN_FILE_NAME "eclusa_${PROJECT_VERSION}_${architecture}.deb")
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Loads CSV, fixed width, JSON, Avro and Parquet files into PostgreSQL
at COPY speed. Every row has an outcome and, where it failed, all its reasons.
With a server (bulk API over HTTP) and workers, as systemd units.")
# Further ones are computed from the binary; the bundled libraries are nobody's package.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "passwd, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql, postgresql-client")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${ECLUSA_ARROW_LIBRARIES}")
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${packaging}/debian/conffiles" "${packaging}/debian/postinst"
  "${packaging}/debian/prerm" "${packaging}/debian/postrm")
include(CPack)
