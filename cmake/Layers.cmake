# Reads src/LAYERS, the only place where edges between modules and third-party headers are written.
#
#   ECLUSA_MODULES            modules that have a CMakeLists.txt, lowest first
#   ECLUSA_EDGES_<module>     modules it may include, those that exist
#   ECLUSA_HEADERS_<module>   third-party header prefixes it may include
set(layers "${PROJECT_SOURCE_DIR}/src/LAYERS")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${layers}")
file(STRINGS "${layers}" lines REGEX "^[^#]")

# So that a module that is added is noticed by the next build.
file(GLOB ignored CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*/CMakeLists.txt")

set(ECLUSA_MODULES "")
foreach(line IN LISTS lines)
  if(line MATCHES "^([a-z_]+):(.*)$")
    set(module "${CMAKE_MATCH_1}")
    separate_arguments(edges UNIX_COMMAND "${CMAKE_MATCH_2}")
    if(EXISTS "${PROJECT_SOURCE_DIR}/src/${module}/CMakeLists.txt")
      set(ECLUSA_EDGES_${module} "")
      foreach(edge IN LISTS edges)
        if(edge IN_LIST ECLUSA_MODULES)
          list(APPEND ECLUSA_EDGES_${module} "${edge}")
        endif()
      endforeach()
      list(APPEND ECLUSA_MODULES "${module}")
    endif()
  elseif(line MATCHES "^([^ ]+) -> (.*)$")
    set(prefix "${CMAKE_MATCH_1}")
    separate_arguments(modules UNIX_COMMAND "${CMAKE_MATCH_2}")
    if(modules STREQUAL "*")
      set(modules "${ECLUSA_MODULES}")
    endif()
    foreach(module IN LISTS modules)
      list(APPEND ECLUSA_HEADERS_${module} "${prefix}")
    endforeach()
  endif()
endforeach()
