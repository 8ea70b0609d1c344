#!/usr/bin/env python3
"""Makes build/deps/arrow: the C++ headers and libraries of Apache Arrow and Parquet.

Debian has no packages of them. The pyarrow wheel carries both; it is downloaded with pip, pinned by
hash, and only headers, the libraries named below and the licence files are unpacked.

libparquet in the wheel exports private copies of OpenSSL and simdjson, and libpq, libssl and our own
use of simdjson would bind into them. Hiding does what its linker should have done: every C symbol
that a library defines and that is not Arrow's own, and every symbol of such a copy, gets hidden
visibility in .dynsym, which the dynamic linker honours for other libraries and for the library
itself.

Usage: fetch_arrow.py DESTINATION [--wheel FILE]
"""

import argparse
import hashlib
import pathlib
import platform
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile

VERSION = "26.0.1"
# Machine -> platform tag and hash of the wheel.
WHEELS = {
    "x86_64": (
        "manylinux_2_28_x86_64",
        "39cb0f2418282c24bea6ceda77b03e5a8f0a5766b63a8bf194d4e2a2c423548c",
    ),
    "aarch64": (
        "manylinux_2_28_aarch64",
        "22a96a225de107eb9acd1ad9a818198ca832df2a4c0952412f754a7ed2105a98",
    ),
}
LIBRARIES = ("libarrow.so.2600", "libparquet.so.2600")
STAMP = "stamp"

SHT_DYNSYM = 11
STB_LOCAL = 0
SHN_UNDEF = 0
STV_DEFAULT = 0
STV_HIDDEN = 2


def is_private(name):
    """Whether a defined symbol belongs to a private copy of something that is not Arrow."""
    if name.startswith("_Z"):
        return "simdjson" in name and not any(own in name for own in ("5arrow", "7parquet"))
    return not name.startswith(("arrow_", "Arrow", "parquet_"))


def dynamic_symbols(image):
    """Yields (offset of the symbol's entry, its name) of a 64-bit little-endian ELF image."""
    if image[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    table, = struct.unpack_from("<Q", image, 0x28)
    entry_size, count = struct.unpack_from("<HH", image, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", image, table + i * entry_size) for i in range(count)]
    for _, kind, _, _, offset, size, link, _, _, step in sections:
        if kind != SHT_DYNSYM:
            continue
        names = sections[link][4]
        for at in range(offset, offset + size, step):
            start = names + struct.unpack_from("<I", image, at)[0]
            yield at, image[start:image.index(b"\0", start)].decode()


def hide_private_symbols(path):
    """Marks the private symbols of a library hidden. Returns how many."""
    image = bytearray(path.read_bytes())
    hidden = 0
    for at, name in list(dynamic_symbols(image)):
        info, other, section = struct.unpack_from("<BBH", image, at + 4)
        defined = section != SHN_UNDEF and info >> 4 != STB_LOCAL
        if defined and other & 3 == STV_DEFAULT and is_private(name):
            image[at + 5] = other & ~3 | STV_HIDDEN
            hidden += 1
    path.write_bytes(image)
    return hidden


def download(folder):
    tag, digest = WHEELS[platform.machine()]
    requirements = folder / "requirements.txt"
    requirements.write_text(f"pyarrow=={VERSION} --hash=sha256:{digest}\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--only-binary", ":all:", "--require-hashes", "--platform", tag,
         "--implementation", "cp", "--python-version", "311", "--abi", "cp311",
         "--dest", str(folder), "--requirement", str(requirements)],
        check=True)
    return next(folder.glob("*.whl"))


def unpack(wheel, destination):
    (destination / "lib").mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            parts = pathlib.PurePosixPath(name).parts
            if name.endswith("/"):
                continue
            if parts[:2] == ("pyarrow", "include"):
                target = destination / pathlib.Path(*parts[1:])
            elif parts[0] == "pyarrow" and parts[1] in LIBRARIES:
                target = destination / "lib" / parts[1]
            elif "licenses" in parts:
                target = destination / "licenses" / parts[-1]
            else:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink)


def stamp_text():
    """Changes with this file, so that what it made before is made again."""
    return hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("destination", type=pathlib.Path)
    parser.add_argument("--wheel", type=pathlib.Path, help="use this file instead of downloading")
    arguments = parser.parse_args()

    destination = arguments.destination.absolute()
    stamp = destination / STAMP
    if stamp.exists() and stamp.read_text() == stamp_text():
        return 0
    if platform.machine() not in WHEELS:
        print(f"no wheel of Arrow is known for {platform.machine()}; install Apache Arrow's own "
              "C++ packages (libarrow-dev, libparquet-dev), which are found first", file=sys.stderr)
        return 1

    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent) as scratch:
        scratch = pathlib.Path(scratch)
        wheel = arguments.wheel or download(scratch)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if digest != WHEELS[platform.machine()][1]:
            print(f"{wheel.name} has another hash than the pinned one", file=sys.stderr)
            return 1
        made = scratch / "made"
        unpack(wheel, made)
        for library in LIBRARIES:
            hidden = hide_private_symbols(made / "lib" / library)
            print(f"{library}: {hidden} private symbols hidden")
        (made / STAMP).write_text(stamp_text())
        if destination.exists():
            shutil.rmtree(destination)
        made.rename(destination)
    return 0


if __name__ == "__main__":
    sys.exit(main())
