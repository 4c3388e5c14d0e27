"""All metadata of the distribution, and the mapping of the folders to `narrows.*`.

The three folders at the top of the repository are installed inside the package `narrows`,
because a global `callbacks` would shadow a user's own `callbacks.py`. What `narrows` itself
offers is the folder `package`: one called `narrows` would be found, without the three, in
place of what is installed by every Python that is started in the repository.
"""

import re
from pathlib import Path

from setuptools import find_packages, setup

FOLDERS = ("tuning", "search_spaces", "callbacks")

HERE = Path(__file__).parent

packages = ["narrows"] + [
    f"narrows.{name}"
    for folder in FOLDERS
    for name in [folder, *(f"{folder}.{sub}" for sub in find_packages(folder))]
]

(version,) = re.findall(r'^__version__ = "(.+)"$', (HERE / "package" / "__init__.py").read_text(), re.M)


def description() -> str:
    """Return README.md as a package index can show it, beside which no file of the sources lies.

    Pictures of ours are left out, and links to files or headings become their text. Once the sources have
    a public address, these become links to it, and `project_urls` names it.
    """
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    local = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://)[^)\s]*\)")
    return local.sub(lambda found: "" if found[1] else found[2], readme)


setup(
    name="narrows",
    version=version,
    description="Hyperparameter search for stacked LSTM forecasters",
    long_description=description(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=packages,
    package_dir={"narrows": "package", **{f"narrows.{folder}": folder for folder in FOLDERS}},
    package_data={
        "narrows": ["py.typed"],
        "narrows.callbacks.board": ["static/*"],
        "narrows.tuning.report": ["*.css", "*.js"],
    },
    install_requires=[
        "tensorflow>=2.21",
        "keras>=3.15",
        # Private parts of it are used (tests/test_private_parts.py): a release that may move them waits.
        "keras-tuner[bayesian]>=1.4.8,<1.5",
        "tensorboard>=2.21",
        "numpy>=2.2",
        "cattrs>=25.1",
        "cloudpickle>=3.0",
        "filelock>=3.20.3",  # before, a link in the place of a lock could empty a file (CVE-2025-68146)
        "polars>=1.24",
        "narwhals>=2.0",
        "optuna>=5.0,<6",  # likewise
        "plotly>=6",
        "scikit-learn>=1.5",
        "scipy>=1.13",
        "threadpoolctl>=3.1",
        "typer>=0.15.4",
        "rich>=13",
    ],
    extras_require={
        "docs": ["pdoc>=16"],
        "holidays": ["holidays>=0.60"],
        "onnx": ["onnxruntime>=1.26", "tf2onnx>=1.17"],
        # Before, a web page could run code through it (CVE-2025-62593), and it knew no tokens. gRPC, which
        # `ray[client]` adds, comes with TensorFlow.
        "ray": ["ray>=2.52"],
        "test": [
            "axe-playwright-python>=0.1.8",  # for its copy of axe-core
            "holidays>=0.60",  # of the extra
            "hypothesis>=6.100",
            "mypy>=1.15",
            "onnxruntime>=1.26",
            "pandas>=2.2",
            "playwright>=1.49",
            "pyarrow>=18",
            "pytest>=8",
            "pytest-xdist>=3.6",
            "ray>=2.52",  # of the extra
            "ruff>=0.15",
            "statsmodels>=0.14.4",
            "tf2onnx>=1.17",
        ],
    },
    entry_points={
        "console_scripts": ["narrows = narrows.tuning.cli:main"],
        "tensorboard_plugins": ["narrowing = narrows.callbacks.board.loader:Loader"],
    },
    classifiers=[
        "Environment :: Console",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        # Series, algorithms, engines, runs and exports pass their tests on each of these, everything on 3.11;
        # for 3.14 there is no TensorFlow 2.21.
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
)
