"""Plants faults into a small tree and sees that check_layers.py finds each."""

import pathlib

import check_layers

LAYERS = """\
core:
pg: core
load: core pg
libpq-fe.h -> pg
fmt/ -> *
"""

FILES = {
    "core/a.h": "#include <string>\n#include <fmt/format.h>\n#include <unistd.h>\n",
    "pg/b.cc": '#include <libpq-fe.h>\n#include "core/a.h"\n#include "pg/c.h"\n',
    "load/d.cc": '#include "core/a.h"\n#include "pg/c.h"\n#include <sys/stat.h>\n',
    "load/d_test.cc": "#include <gtest/gtest.h>\n",
}


def faults(folder, layers=LAYERS, **changes):
    src = pathlib.Path(folder) / "src"
    for name, text in {**FILES, **changes.get("files", {})}.items():
        path = src / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (src / "LAYERS").write_text(layers)
    return check_layers.check(src)


def test_a_tree_that_keeps_to_its_layers_has_no_faults(tmp_path):
    assert faults(tmp_path) == []


def test_a_module_that_includes_one_above_it_is_found(tmp_path):
    found = faults(tmp_path, files={"core/bad.cc": '#include "pg/c.h"\n'})
    assert found == ["src/core/bad.cc: core may not include pg (pg/c.h)"]


def test_a_third_party_header_outside_its_home_is_found(tmp_path):
    found = faults(tmp_path, files={"load/bad.cc": "#include <libpq-fe.h>\n"})
    assert found == ["src/load/bad.cc: load may not include <libpq-fe.h>"]


def test_a_third_party_header_without_a_home_is_found(tmp_path):
    found = faults(tmp_path, files={"load/bad.cc": "#include <curl/curl.h>\n"})
    assert found == ["src/load/bad.cc: <curl/curl.h> has no home in LAYERS"]


def test_a_test_header_outside_a_test_is_found(tmp_path):
    found = faults(tmp_path, files={"load/bad.cc": "#include <gtest/gtest.h>\n"})
    assert found == ["src/load/bad.cc: <gtest/gtest.h> is for tests"]


def test_an_unused_permission_between_modules_is_found(tmp_path):
    found = faults(tmp_path, files={"load/d.cc": '#include "core/a.h"\n'})
    assert found == ["LAYERS: load never includes pg; take the permission away"]


def test_an_unused_permission_of_a_header_is_found(tmp_path):
    found = faults(tmp_path, layers=LAYERS.replace("-> pg", "-> pg load"))
    assert found == ["LAYERS: load never includes libpq-fe.h; take the permission away"]


def test_a_cycle_cannot_be_written_down(tmp_path):
    found = faults(tmp_path, layers=LAYERS.replace("core:", "core: pg"))
    assert "LAYERS:1: core names pg, which is not above it" in found


def test_an_include_that_is_no_path_from_src_is_found(tmp_path):
    found = faults(tmp_path, files={"load/bad.cc": '#include "d.h"\n'})
    assert found == ['src/load/bad.cc: includes "d.h", which is no path from src/']


def test_a_module_that_layers_does_not_name_is_found(tmp_path):
    found = faults(tmp_path, files={"stray/a.cc": "\n"})
    assert found == ["src/stray/a.cc: module stray is not in LAYERS"]
