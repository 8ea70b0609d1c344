# Flags that hold for every target, and ccache where it is installed.

add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2
                    -Wimplicit-fallthrough -Wundef)
# GCC 12 sees overlaps and overflows in std::string that are not there (its bugs 105329 and 105651).
add_compile_options(-Wno-restrict -Wno-stringop-overflow)
# Of types in a header: sources that are compiled together are taken for headers of each other.
if(ECLUSA_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-subobject-linkage)
endif()
if(ECLUSA_WERROR)
  add_compile_options(-Werror)
endif()

# __FILE__ and debug information without the folder of the checkout, so that builds can be compared.
add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")

if(ECLUSA_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
elseif(ECLUSA_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()

if(ECLUSA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined)
  add_link_options(-fsanitize=address,undefined)
endif()

# ccache needs to be told that the precompiled header's defines and time may differ, and GCC to name
# the header in its preprocessed output.
find_program(ECLUSA_CCACHE ccache)
if(ECLUSA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
      "${ECLUSA_CCACHE}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    add_compile_options(-fpch-preprocess)
  endif()
endif()

# libparquet defines simdjson's and OpenSSL's symbols for itself alone (tools/fetch_arrow.py hides them from
# the loader, the linker still sees them): the real libraries must be named in the binary whatever the
# order in which they are linked.
add_link_options(LINKER:--no-as-needed)
