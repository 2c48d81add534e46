"""Statistics are those of statsmodels, which takes seconds to import."""

import numpy as np
import pytest

from handeye.experiments.records.significance import holm, mcnemar, unpaired_difference
from handeye.experiments.records.statistics import wilson_interval


@pytest.mark.slow
def test_statistics_are_those_of_statsmodels() -> None:
    from statsmodels.stats import contingency_tables, multitest, proportion

    for n in (1, 7, 12, 200):
        for k in range(0, n + 1, 1 + n // 50):
            wilson = proportion.proportion_confint(k, n, method="wilson")
            assert wilson_interval(k, n) == pytest.approx(wilson, abs=1e-6)
    for k in range(13):
        a, b = [True] * k + [False] * (12 - k), [False] * k + [True] * (12 - k)
        exact = contingency_tables.mcnemar([[0, k], [12 - k, 0]], exact=True).pvalue
        assert mcnemar(a, b).p_value == pytest.approx(exact, abs=1e-6)
        newcombe = proportion.confint_proportions_2indep(4, 9, k, 12, method="newcomb")
        ours = unpaired_difference({"t": a}, {"t": [True] * 4 + [False] * 5}).interval95
        assert ours == pytest.approx(newcombe, abs=1e-6)
        p_values = np.random.default_rng(k).random(k) ** 3
        if k:
            theirs = multitest.multipletests(p_values, method="holm")[1]
            assert holm([*p_values]) == pytest.approx(theirs, abs=1e-6)
