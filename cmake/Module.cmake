# eclusa_module(NAME SOURCES a.cc... [TESTS a_test.cc...] [PG_TESTS b_test.cc...] [S3_TESTS c_test.cc...]
#               [BROKER_TESTS d_test.cc...]
#               [SQL sql/x.sql...])
#
# One static library eclusa_NAME. What it links comes from src/LAYERS and from nowhere else.
# TESTS become the executable NAME_test (label unit), PG_TESTS NAME_pg_test (label pg),
# BROKER_TESTS NAME_broker_test (label pg, under tools/with_rabbitmq.sh and a server of its own),
# S3_TESTS NAME_s3_test (label unit, under tools/with_s3.sh).
# eclusa_executable(TARGET SOURCES a.cc... MODULES core...): a binary that finds Arrow when it runs.

# A light precompiled header for all, a heavy one for modules that may include Arrow.
foreach(weight IN ITEMS light heavy)
  add_library(eclusa_pch_${weight} OBJECT "${PROJECT_SOURCE_DIR}/cmake/pch.cc")
  target_precompile_headers(eclusa_pch_${weight} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/pch_${weight}.h")
  target_link_libraries(eclusa_pch_${weight} PRIVATE fmt::fmt Threads::Threads)
endforeach()
target_link_libraries(eclusa_pch_heavy PRIVATE eclusa_arrow)

function(eclusa_use_pch target module)
  if("arrow/" IN_LIST ECLUSA_HEADERS_${module})
    target_precompile_headers(${target} REUSE_FROM eclusa_pch_heavy)
  else()
    target_precompile_headers(${target} REUSE_FROM eclusa_pch_light)
  endif()
endfunction()

# While a module grows, its list may name files that are not written yet: they are left out, except
# where warnings are errors (CI).
function(eclusa_keep_existing list)
  set(kept "")
  foreach(file IN LISTS ${list})
    cmake_path(ABSOLUTE_PATH file OUTPUT_VARIABLE path)
    if(EXISTS "${path}")
      list(APPEND kept "${file}")
      continue()
    endif()
    if(ECLUSA_WERROR)
      message(FATAL_ERROR "not there: ${path}")
    endif()
    message(STATUS "not there yet: ${path}")
    file(GLOB ignored CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc" "${CMAKE_CURRENT_SOURCE_DIR}/sql/*.sql")
  endforeach()
  set(${list} "${kept}" PARENT_SCOPE)
endfunction()

function(eclusa_executable target)
  cmake_parse_arguments(arg "" "" "SOURCES;MODULES;LIBRARIES" ${ARGN})
  eclusa_keep_existing(arg_SOURCES)
  add_executable(${target} ${arg_SOURCES})
  list(TRANSFORM arg_MODULES PREPEND eclusa_)
  target_link_libraries(${target} PRIVATE ${arg_MODULES} ${arg_LIBRARIES})
  if(ECLUSA_ARROW_LIBRARIES)
    # Relative to the binary, so that the checkout can be moved.
    file(RELATIVE_PATH libraries "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" "${ECLUSA_ARROW_LIBRARIES}")
    set_target_properties(${target} PROPERTIES
      BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/${libraries}")
  endif()
endfunction()

function(eclusa_module module)
  cmake_parse_arguments(arg "" "" "SOURCES;TESTS;PG_TESTS;S3_TESTS;BROKER_TESTS;SQL" ${ARGN})
  set(target eclusa_${module})
  foreach(list IN ITEMS SOURCES TESTS PG_TESTS S3_TESTS BROKER_TESTS SQL)
    eclusa_keep_existing(arg_${list})
  endforeach()
  add_library(${target} STATIC ${arg_SOURCES})
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/src" "${CMAKE_BINARY_DIR}/generated")
  target_link_libraries(${target} PUBLIC fmt::fmt Threads::Threads)
  foreach(edge IN LISTS ECLUSA_EDGES_${module})
    target_link_libraries(${target} PUBLIC eclusa_${edge})
  endforeach()
  foreach(prefix IN LISTS ECLUSA_HEADERS_${module})
    eclusa_library_of("${prefix}" library)
    target_link_libraries(${target} PUBLIC ${library})
  endforeach()
  eclusa_use_pch(${target} ${module})
  if(arg_SQL)
    eclusa_embed_sql(${target} ${module} ${arg_SQL})
  endif()

  if(arg_TESTS)
    eclusa_executable(${module}_test SOURCES ${arg_TESTS} MODULES ${module} LIBRARIES GTest::gmock GTest::gtest_main)
    eclusa_use_pch(${module}_test ${module})
    eclusa_test(${module}_test LABEL unit COMMAND ${module}_test)
  endif()
  if(arg_PG_TESTS)
    eclusa_executable(${module}_pg_test SOURCES ${arg_PG_TESTS} MODULES ${module} LIBRARIES GTest::gmock GTest::gtest_main)
    eclusa_use_pch(${module}_pg_test ${module})
    eclusa_test(${module}_pg_test LABEL pg POSTGRES COMMAND $<TARGET_FILE:${module}_pg_test>)
  endif()
  if(arg_S3_TESTS)
    eclusa_executable(${module}_s3_test SOURCES ${arg_S3_TESTS} MODULES ${module} LIBRARIES GTest::gmock GTest::gtest_main)
    eclusa_use_pch(${module}_s3_test ${module})
    eclusa_test(${module}_s3_test LABEL unit
      COMMAND "${PROJECT_SOURCE_DIR}/tools/with_s3.sh" $<TARGET_FILE:${module}_s3_test>)
  endif()
  if(arg_BROKER_TESTS)
    eclusa_executable(${module}_broker_test SOURCES ${arg_BROKER_TESTS} MODULES ${module}
      LIBRARIES GTest::gmock GTest::gtest_main)
    eclusa_use_pch(${module}_broker_test ${module})
    eclusa_test(${module}_broker_test LABEL pg POSTGRES
      COMMAND "${PROJECT_SOURCE_DIR}/tools/with_rabbitmq.sh" $<TARGET_FILE:${module}_broker_test>)
  endif()
endfunction()
