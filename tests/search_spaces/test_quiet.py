"""What native code writes to standard error is kept off the terminal, line by line where it must be."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from narrows.search_spaces.quiet import without_lines


def test_lines_of_noise_go_and_all_others_come_in_their_order(capfd):
    with without_lines("loader.cc", "format.cc"):
        os.write(2, b"E0 loader.cc:220] could lead to SIGILL\n")
        sys.stderr.write("a line of Python\n")
        sys.stderr.flush()
        os.write(2, b"E0 format.cc:37] no text\nE0 another.cc:1] an error, cut off")
    os.write(2, b" here\n")
    assert capfd.readouterr().err == "a line of Python\nE0 another.cc:1] an error, cut off here\n"


def test_what_the_body_raises_is_raised_and_what_it_wrote_is_told(capfd):
    with pytest.raises(KeyError), without_lines("noise"):
        os.write(2, b"last words\n")
        raise KeyError
    assert capfd.readouterr().err == "last words\n"


def test_several_threads_at_once_lose_no_line(capfd):
    def write(number):
        with without_lines("noise"):
            os.write(2, b"noise\n%d\n" % number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(100)))
    assert sorted(map(int, capfd.readouterr().err.split())) == list(range(100))
