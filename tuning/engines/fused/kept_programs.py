"""Compiled programs on disk: the next process on the same shapes neither traces nor compiles.

A program is kept as its StableHLO, which needs no tracing, and as the file in which XLA itself keeps the
machine code. XLA finds that file by a key of names and HLO. Tracing writes running numbers into both; a
module that was kept lowers to the same HLO every time, where it is called eagerly: a `tf.function` around it
would have a running number again.

XLA's folder is told once, by a flag that is read when a process computes for the first time. It is one in
memory (TensorFlow's file system `ram`), so that it is never full or gone, which would make every compilation
of the process fail, and XLA reads there what was checked, and no other process writes there.

XLA's key tells neither version, flags nor processor, and machine code for another processor may end the
process: they are in the name of what is kept (`_machine`), and so are the sources of the programs.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from functools import cache
from pathlib import Path
from typing import Any

import tensorflow as tf

from ....search_spaces.quiet import logs_errors, without_lines
from .kept_files import KeptFiles, kept_files
from .module import Module
from .xla import TRIED, apart

FOLDER = "ram://narrows-programs"
FLAG = "tf_xla_persistent_cache"

NOISE = ("cpu_aot_loader.cc", "text_format.cc")
"""What XLA says as errors of each file: that it is no text, and that it was compiled with two settings (to
prefer no gathering and no scattering) that are no features of a processor, which "could lead to SIGILL"."""

PROCESSOR = (
    *("vendor_id", "cpu family", "model", "model name", "stepping", "flags"),  # x86
    *("CPU implementer", "CPU architecture", "CPU variant", "CPU part", "Features"),  # ARM
)
"""Lines of /proc/cpuinfo on what machine code a processor runs."""


class KeptPrograms:
    """The compiled programs that are kept for processes like this one.

    Args:
        files: where.
        machine: what makes processes alike.
    """

    def __init__(self, files: KeptFiles, machine: str) -> None:
        self._files, self._machine = files, machine

    def name(self, about: str, flat: Sequence[tf.Tensor]) -> str:
        """Return the name of a program.

        Args:
            about: what it depends on beside the types and shapes of its arguments.
            flat: its arguments.
        """
        types = [(one.dtype.name, one.shape.as_list()) for one in flat]
        return f"narrows_{_hash(self._machine, about, types)}"

    def first_call(
        self, name: str, flat: Sequence[tf.Tensor], trace: Callable[[str], Module]
    ) -> tuple[Module, list[tf.Tensor], str]:
        """Call a program that this process has not called.

        Args:
            name: of the program.
            flat: its arguments.
            trace: makes it where it is not kept, in a scope of the name it is given.

        Returns:
            The program, what it returned, and `loaded`, or `compiled` where XLA compiled after all.

        Raises:
            tf.errors.OpError: when it cannot be called.
        """
        kept = self._files.read(name)
        if kept is not None:
            try:
                with without_lines(*NOISE) if logs_errors() else nullcontext():
                    return self._called(name, flat, *_unpacked(kept))
            except tf.errors.OpError:
                # Whole, but XLA refuses it, and would again: it must get another one.
                self._files.drop(name)
                return self._called(name, flat, trace(f"{name}_again"))
        return self._called(name, flat, trace(name))

    def _called(
        self, name: str, flat: Sequence[tf.Tensor], module: Module, file: str = "", code: bytes = b""
    ) -> tuple[Module, list[tf.Tensor], str]:
        """Call a program, with the file of XLA where there is one; keep what XLA compiles."""
        try:
            if file:
                _put(file, code)
            done = module(flat)
        finally:
            # Other threads compile too, and XLA names its files by numbers: ours has the name in its code.
            ours = _take_out(name)
        # Where XLA had no use for the file it compiled, and wrote another one.
        new = {one: content for one, content in ours.items() if content != code}
        for one, content in new.items():
            self._files.write(name, _packed(module, one, content))
        return module, done, "loaded" if file and not new else "compiled"


@cache
def kept_programs() -> KeptPrograms | None:
    """Return what is kept for this process; None where nothing can be.

    To be called before the process computes anything with TensorFlow, which reads its flags then.
    """
    flags = [os.environ.get(name, "").strip() for name in ("XLA_FLAGS", "TF_XLA_FLAGS")]
    # Flags may also stand in a file. Whoever has XLA keep what it compiles has chosen where.
    known = all(not text or text.startswith("-") for text in flags) and FLAG not in flags[1]
    sources = _sources()
    if not (TRIED and known and sources):
        return None
    files = kept_files()
    if files is None or not _xla_keeps(flags[1]):
        return None
    return KeptPrograms(files, _hash(sources, *flags, *_machine()))


def _xla_keeps(flags: str) -> bool:
    """Have XLA keep what it compiles in `FOLDER`; return whether it does.

    It does not when TensorFlow has read its flags before. They are set for that moment only: processes that
    are started from this one have nothing to do with it.
    """
    before = os.environ.get("TF_XLA_FLAGS")
    os.environ["TF_XLA_FLAGS"] = f"{flags} --{FLAG}_directory={FOLDER} --{FLAG}_device_types=CPU".strip()
    try:
        tf.io.gfile.makedirs(FOLDER)
        smallest = tf.function(lambda x: x + 1, jit_compile=True, autograph=False)
        apart(lambda: smallest.get_concrete_function(tf.TensorSpec(()))(tf.zeros(())))
        return bool(_take_out(""))
    except tf.errors.OpError:
        return False
    finally:
        if before is None:
            del os.environ["TF_XLA_FLAGS"]
        else:
            os.environ["TF_XLA_FLAGS"] = before


def _machine() -> tuple[Any, ...]:
    """What machine code depends on beside flags and the program."""
    build = tf.__version__, tf.version.GIT_VERSION, tf.version.COMPILER_VERSION
    return *build, platform.machine(), *_processor()


def _processor() -> list[str]:
    """What is known of the processor; where the system does not tell, the machine's name stands for it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return [platform.processor(), platform.node()]
    return sorted({line for line in lines if line.partition(":")[0].strip() in PROCESSOR})


def _sources() -> str:
    """Hash of the sources that programs are made from; empty where they cannot be read."""
    try:
        found = [path.read_bytes() for path in _source_files()]
    except OSError:
        return ""
    return _hash(*found) if found else ""


def _source_files() -> list[Path]:
    """More files than programs are made from: nobody has to think of this when he writes one."""
    here = Path(__file__).parent
    folders = (here, here.parents[1] / "series", here.parents[2] / "search_spaces")
    return [path for folder in folders for path in sorted(folder.glob("*.py"))]


def _hash(*what: Any) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:32]


def _packed(module: Module, file: str, code: bytes) -> bytes:
    """What is kept of a program: a line that tells what follows, the StableHLO, and the file of XLA."""
    head = {"types": module.types, "shapes": module.shapes, "hlo_bytes": len(module.hlo), "file": file}
    return json.dumps(head).encode() + b"\n" + module.hlo + code


def _unpacked(kept: bytes) -> tuple[Module, str, bytes]:
    line, _, rest = kept.partition(b"\n")
    head = json.loads(line)
    size = head["hlo_bytes"]
    return Module(rest[:size], head["types"], head["shapes"]), head["file"], rest[size:]


def _put(file: str, content: bytes) -> None:
    with tf.io.gfile.GFile(f"{FOLDER}/{file}", "wb") as opened:
        opened.write(content)


def _take_out(name: str) -> dict[str, bytes]:
    """Remove the files of XLA that have `name` in their code; return their names and contents."""
    found = {}
    for file in tf.io.gfile.listdir(FOLDER):
        with suppress(tf.errors.NotFoundError):  # another thread took out its own
            if file.endswith(".pb") and name.encode() in (content := _content(file)):
                found[file] = content
                tf.io.gfile.remove(f"{FOLDER}/{file}")
    return found


def _content(file: str) -> bytes:
    with tf.io.gfile.GFile(f"{FOLDER}/{file}", "rb") as opened:
        content: bytes = opened.read()
    return content
