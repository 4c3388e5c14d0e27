"""Other targets and features from the columns of a finished Series."""

from __future__ import annotations

import dataclasses

from ....search_spaces.errors import raise_all
from ..series import Series
from .roles import Names, assign_roles, split_names


def select_columns(series: Series, target: Names, features: Names) -> Series:
    """Return the series with other columns as targets and features.

    Args:
        series: the series; its rows, times and season stay.
        target: numeric column or columns to forecast; None keeps the targets.
        features: a column, several, or `"all"` that are left; None keeps the features that are left.

    Raises:
        UserError: for a name that is no column or is used twice, and for a categorical target.
    """
    known = (*series.columns, *series.categorical)
    targets = series.targets if target is None else split_names(target, known)
    if features is None:
        features = [name for name in (*series.features, *series.categorical) if name not in targets]
    roles = assign_roles(series.name, known, target=targets, features=features)
    raise_all(
        [
            f"{series.name}: target {name!r} is categorical; a target must be numeric"
            for name in roles.targets
            if name in series.categorical
        ]
    )
    numeric = tuple(name for name in roles.features if name in series.columns)
    texts = tuple(name for name in roles.features if name in series.categorical)
    places = [series.categorical.index(name) for name in texts]
    columns = [series.columns.index(name) for name in (*roles.targets, *numeric)]
    return dataclasses.replace(
        series,
        targets=roles.targets,
        features=numeric,
        values=series.values[:, columns],
        filled=None if series.filled is None else series.filled[:, columns],
        categorical=texts,
        codes=series.codes[:, places],
        categories=tuple(series.categories[place] for place in places),
        ahead=tuple(name for name in series.ahead if name in roles.features),
        static=tuple(name for name in series.static if name in roles.features),
    )
