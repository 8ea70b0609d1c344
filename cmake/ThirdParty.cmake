# The libraries behind the third-party headers of src/LAYERS.
#
# eclusa_library_of(PREFIX OUT): the target to link for a header prefix.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(GTest REQUIRED)
find_package(simdjson REQUIRED)
include(Arrow)

# FindPostgreSQL asks for the server's headers too, which nothing here needs.
find_path(LIBPQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
find_library(LIBPQ_LIBRARY pq REQUIRED)
add_library(eclusa_libpq INTERFACE)
target_include_directories(eclusa_libpq SYSTEM INTERFACE "${LIBPQ_INCLUDE}")
target_link_libraries(eclusa_libpq INTERFACE "${LIBPQ_LIBRARY}")

find_path(RE2_INCLUDE re2/re2.h REQUIRED)
find_library(RE2_LIBRARY re2 REQUIRED)

find_path(CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
find_path(FAST_FLOAT_INCLUDE fast_float/fast_float.h REQUIRED)
find_package(simdjson REQUIRED)
find_path(RE2_INCLUDE re2/re2.h REQUIRED)
find_library(RE2_LIBRARY re2 REQUIRED)
add_library(eclusa_headers_only INTERFACE)

set(ECLUSA_LIBRARY_arrow_ eclusa_arrow)
set(ECLUSA_LIBRARY_parquet_ eclusa_parquet)
# Asio's definitions are compiled once, in src/http/asio.cc.
add_library(eclusa_asio INTERFACE)
target_compile_definitions(eclusa_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(eclusa_asio INTERFACE Boost::headers OpenSSL::SSL)

set(ECLUSA_LIBRARY_boost_asio eclusa_asio)
set(ECLUSA_LIBRARY_boost_beast Boost::headers)
set(ECLUSA_LIBRARY_boost_json Boost::json)
set(ECLUSA_LIBRARY_CLI_ eclusa_headers_only)
set(ECLUSA_LIBRARY_fast_float_ eclusa_headers_only)
set(ECLUSA_LIBRARY_fmt_ fmt::fmt)
set(ECLUSA_LIBRARY_libpq_fe_h eclusa_libpq)
set(ECLUSA_LIBRARY_openssl_ OpenSSL::Crypto)
set(ECLUSA_LIBRARY_re2_ "${RE2_LIBRARY}")
set(ECLUSA_LIBRARY_simdjson_h simdjson::simdjson)
set(ECLUSA_LIBRARY_spdlog_ spdlog::spdlog)
set(ECLUSA_LIBRARY_yaml_cpp_ yaml-cpp)

function(eclusa_library_of prefix out)
  string(REGEX REPLACE "[^A-Za-z0-9]" "_" name "${prefix}")
  if(NOT DEFINED ECLUSA_LIBRARY_${name})
    message(FATAL_ERROR "src/LAYERS names ${prefix}; cmake/ThirdParty.cmake has no library for it")
  endif()
  set(${out} "${ECLUSA_LIBRARY_${name}}" PARENT_SCOPE)
endfunction()
