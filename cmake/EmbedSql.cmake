# eclusa_embed_sql(TARGET MODULE FILE...): sql/insert_job.sql becomes the constant
# eclusa::sql::kInsertJob (std::string_view, of each source its own: two modules may have a file of one
# name) in the generated header "MODULE/sql.h".
# Run as a script (cmake -P) it writes that header.

function(eclusa_write_sql_header output files)
  set(text "// Made from the .sql files of this module; do not edit.\n#pragma once\n\n#include <string_view>\n\nnamespace eclusa::sql {\n\n")
  foreach(path IN LISTS files)
    file(READ "${path}" sql)
    get_filename_component(stem "${path}" NAME_WE)
    string(REPLACE "_" ";" words "${stem}")
    set(name "k")
    foreach(word IN LISTS words)
      string(SUBSTRING "${word}" 0 1 first)
      string(SUBSTRING "${word}" 1 -1 rest)
      string(TOUPPER "${first}" first)
      string(APPEND name "${first}${rest}")
    endforeach()
    string(APPEND text "constexpr std::string_view ${name} = R\"sql(${sql})sql\";\n\n")
  endforeach()
  string(APPEND text "}  // namespace eclusa::sql\n")
  file(WRITE "${output}" "${text}")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  string(REPLACE "|" ";" files "${FILES}")
  eclusa_write_sql_header("${OUTPUT}" "${files}")
  return()
endif()

set(ECLUSA_EMBED_SQL "${CMAKE_CURRENT_LIST_FILE}")

function(eclusa_embed_sql target module)
  set(files "")
  foreach(file IN LISTS ARGN)
    list(APPEND files "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  endforeach()
  string(REPLACE ";" "|" joined "${files}")
  set(output "${CMAKE_BINARY_DIR}/generated/${module}/sql.h")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${output}" "-DFILES=${joined}" -P "${ECLUSA_EMBED_SQL}"
    DEPENDS ${files} "${ECLUSA_EMBED_SQL}"
    VERBATIM)
  add_custom_target(${target}_sql DEPENDS "${output}")
  add_dependencies(${target} ${target}_sql)
  add_dependencies(eclusa_generated ${target}_sql)
endfunction()
