"""Plants things that are too large and sees that check_shape.py finds each."""

import check_shape


def faults(root, files, allowed=""):
    for name, text in files.items():
        path = root / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "tools").mkdir()
    (root / "tools" / "shape_allowed.txt").write_text(allowed)
    return check_shape.check(root)


def lines(count):
    return "//\n" * count


def function(signature, inner):
    return f"{signature} {{\n" + "  Step();\n" * inner + "}\n"


def test_files_within_their_limits_pass(tmp_path):
    assert faults(tmp_path, {"a/x.h": lines(250), "a/x.cc": lines(600), "a/x_test.cc": lines(800)}) == []


def test_a_long_header_is_found(tmp_path):
    assert faults(tmp_path, {"a/x.h": lines(251)}) == ["src/a/x.h: 251 lines, at most 250"]


def test_a_long_source_is_found(tmp_path):
    assert faults(tmp_path, {"a/x.cc": lines(601)}) == ["src/a/x.cc: 601 lines, at most 600"]


def test_a_long_test_is_found(tmp_path):
    assert faults(tmp_path, {"a/x_test.cc": lines(801)}) == ["src/a/x_test.cc: 801 lines, at most 800"]


def test_a_long_function_is_found(tmp_path):
    text = function("int Sum(int a)", 68) + function("Status Stager::Open(std::string_view name)", 69)
    assert faults(tmp_path, {"a/x.cc": text}) == ["src/a/x.cc Stager::Open: 71 lines, at most 70"]


def test_a_signature_over_several_lines_is_read(tmp_path):
    text = function("Result<int> Long(int a,\n                 int b)\n    const", 68)
    assert faults(tmp_path, {"a/x.cc": text}) == ["src/a/x.cc Long: 72 lines, at most 70"]


def test_six_parameters_are_found(tmp_path):
    text = function("void F(int a, int b, int c, int d, std::map<int, int> e)", 1)
    text += function("void G(int a, int b, int c, int d, int e, int f)", 1)
    assert faults(tmp_path, {"a/x.cc": text}) == ["src/a/x.cc G: 6 parameters, at most 5"]


def test_a_large_module_is_found(tmp_path):
    files = {f"a/x{i}.cc": lines(1) for i in range(21)} | {f"b/x{i}.cc": lines(501) for i in range(6)}
    assert faults(tmp_path, files) == ["src/a: 21 files and 21 lines, at most 20 and 3000",
                                       "src/b: 6 files and 3006 lines, at most 20 and 3000"]


def test_an_exception_with_a_reason_is_granted(tmp_path):
    assert faults(tmp_path, {"a/x.h": lines(251)}, "src/a/x.h: one table, read as a whole\n") == []


def test_an_exception_without_a_reason_is_a_fault(tmp_path):
    found = faults(tmp_path, {"a/x.h": lines(251)}, "src/a/x.h:\n")
    assert "src/a/x.h: 251 lines, at most 250" in found


def test_an_exception_that_is_not_needed_is_a_fault(tmp_path):
    found = faults(tmp_path, {"a/x.h": lines(10)}, "src/a/x.h: was long once\n")
    assert found == ["src/a/x.h: needs no exception any more"]
