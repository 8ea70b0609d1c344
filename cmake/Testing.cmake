# eclusa_test(NAME LABEL unit|pg|e2e|slow [POSTGRES] [TIMEOUT seconds] COMMAND ...): one ctest entry.
#
# POSTGRES runs it under tools/with_postgres.sh, which gives it a server of its own in ECLUSA_TEST_DB.
# ECLUSA_BIN is the binary of this build tree.
set(ECLUSA_TEST_ENVIRONMENT
    "ECLUSA_BIN=${CMAKE_BINARY_DIR}/eclusa"
    "ECLUSA_BUILD=${CMAKE_BINARY_DIR}"
    "ECLUSA_SOURCE=${PROJECT_SOURCE_DIR}"
    "ECLUSA_DEPS=${PROJECT_SOURCE_DIR}/build/deps")
if(ECLUSA_SANITIZE)
  # Arrow's own allocator would hide overflows; its libraries are not instrumented for threads.
  list(APPEND ECLUSA_TEST_ENVIRONMENT
       "ARROW_DEFAULT_MEMORY_POOL=system"
       "UBSAN_OPTIONS=print_stacktrace=1"
       "TSAN_OPTIONS=ignore_noninstrumented_modules=1")
endif()

function(eclusa_test name)
  cmake_parse_arguments(arg "POSTGRES" "LABEL;TIMEOUT" "COMMAND" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(ECLUSA_SANITIZE STREQUAL "thread")
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 6")
  endif()
  if(arg_POSTGRES)
    list(PREPEND arg_COMMAND "${PROJECT_SOURCE_DIR}/tools/with_postgres.sh")
  endif()
  add_test(NAME ${name} COMMAND ${arg_COMMAND})
  set_tests_properties(${name} PROPERTIES
    LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${ECLUSA_TEST_ENVIRONMENT}")
endfunction()
