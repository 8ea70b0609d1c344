"""Nothing of the system's libraries binds into Arrow's private copies of OpenSSL and simdjson.

The wheel's libparquet exported them, and libpq and libssl called them: two versions of OpenSSL mixed
in one process. tools/fetch_arrow.py hides them; this reads what the dynamic linker really did.
"""

import ctypes
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import fetch_arrow  # noqa: E402

BINDING = re.compile(r"binding file (\S.*) \[\d+\] to (\S.*) \[\d+\]: \w+ symbol `([^']+)'")
ARROW = re.compile(r"/lib(arrow|parquet)\w*\.so")
# The C++ runtime's templates are instantiated everywhere, and one copy serves all by design.
RUNTIME = re.compile(
    r"^_Z(N|NK|TI|TS|TV|TT|St|GV|NSt|NKSt|TISt|TSSt|TVSt|ZNSt)*(St|S[absiod]|9__gnu_cxx|10__cxxabi)"
)


def cross_bindings(trace):
    """The bindings of other libraries into Arrow's, and of Arrow's into OpenSSL's: none may be."""
    found = []
    for source, target, symbol in BINDING.findall(trace):
        into_arrow = ARROW.search(target) and "/lib" in source and not ARROW.search(source)
        into_openssl = ARROW.search(source) and re.search(r"/lib(ssl|crypto)\.so", target)
        if (into_arrow and not RUNTIME.match(symbol)) or into_openssl:
            found.append((os.path.basename(source), os.path.basename(target), symbol))
    return found


def trace_of(program, folder):
    environment = {
        **os.environ,
        "LD_DEBUG": "bindings",
        "LD_BIND_NOW": "1",
        "LD_DEBUG_OUTPUT": str(folder / "trace"),
    }
    subprocess.run([program], env=environment, check=True, stdout=subprocess.DEVNULL)
    return "".join(path.read_text() for path in folder.glob("trace.*"))


def test_no_library_binds_into_arrows_private_copies(tmp_path):
    trace = trace_of(os.path.join(os.environ["ECLUSA_BUILD"], "arrow_bindings"), tmp_path)
    bound = {
        (os.path.basename(source), os.path.basename(target))
        for source, target, _ in BINDING.findall(trace)
    }
    # The trace is what it should be: libpq and libcurl found their OpenSSL, and Parquet its Arrow.
    assert any(
        source.startswith("libpq") and target.startswith("libssl") for source, target in bound
    )
    assert any(
        source.startswith("libcurl") and target.startswith("libssl") for source, target in bound
    )
    assert any(
        source.startswith("libparquet") and target.startswith("libarrow")
        for source, target in bound
    )
    assert cross_bindings(trace) == []


def test_a_cross_binding_is_found():
    line = (
        "   12:\tbinding file /lib/libssl.so.3 [0] to /x/lib/libparquet.so.2600 [0]:"
        " normal symbol `EVP_MD_get0_name' [OPENSSL_3.0.0]\n"
    )
    assert cross_bindings(line) == [("libssl.so.3", "libparquet.so.2600", "EVP_MD_get0_name")]


def test_hidden_symbols_are_not_found_by_others_and_still_serve_the_library(tmp_path):
    source = tmp_path / "a.c"
    source.write_text(
        "int EVP_private(void) { return 41; }\n"
        "int arrow_answer(void) { return EVP_private() + 1; }\n"
    )
    library = tmp_path / "liba.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
    assert fetch_arrow.hide_private_symbols(library) == 1
    assert fetch_arrow.hide_private_symbols(library) == 0
    loaded = ctypes.CDLL(str(library))
    assert not hasattr(loaded, "EVP_private")
    assert loaded.arrow_answer() == 42


def test_only_symbols_that_are_not_arrows_are_private():
    assert fetch_arrow.is_private("EVP_DigestInit")
    assert fetch_arrow.is_private("_ZN8simdjson8internal21get_active_implementationEv")
    assert not fetch_arrow.is_private("_ZN5arrow6Status2OKEv")
    assert not fetch_arrow.is_private("arrow_pool_bytes")
