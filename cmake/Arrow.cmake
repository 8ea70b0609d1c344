# eclusa_arrow and eclusa_parquet: Apache's own packages where they are installed, else the pyarrow
# wheel's libraries, unpacked by tools/fetch_arrow.py.
#
#   ECLUSA_ARROW_LIBRARIES   folder that a binary has to find at run time; empty for packages
add_library(eclusa_arrow INTERFACE)
add_library(eclusa_parquet INTERFACE)

find_package(Arrow QUIET)
find_package(Parquet QUIET)
if(Arrow_FOUND AND Parquet_FOUND)
  set(ECLUSA_ARROW_LIBRARIES "")
  target_link_libraries(eclusa_arrow INTERFACE Arrow::arrow_shared)
  target_link_libraries(eclusa_parquet INTERFACE Parquet::parquet_shared eclusa_arrow)
  return()
endif()

set(arrow "${PROJECT_SOURCE_DIR}/build/deps/arrow")
set(fetch "${PROJECT_SOURCE_DIR}/tools/fetch_arrow.py")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${fetch}")
execute_process(COMMAND python3 "${fetch}" "${arrow}" COMMAND_ERROR_IS_FATAL ANY)

set(ECLUSA_ARROW_LIBRARIES "${arrow}/lib")
foreach(name IN ITEMS arrow parquet)
  add_library(${name}_wheel SHARED IMPORTED GLOBAL)
  set_target_properties(${name}_wheel PROPERTIES
    IMPORTED_LOCATION "${arrow}/lib/lib${name}.so.2600"
    IMPORTED_SONAME "lib${name}.so.2600"
    INTERFACE_INCLUDE_DIRECTORIES "${arrow}/include"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${arrow}/include"
    INTERFACE_COMPILE_FEATURES cxx_std_20)
  target_link_libraries(eclusa_${name} INTERFACE ${name}_wheel)
endforeach()
target_link_libraries(parquet_wheel INTERFACE arrow_wheel)
