"""Test while looking: a bet against a fair coin that may be read after every pair.

Of two policies on the same seeds, the pairs that only one solves are tosses: under the hypothesis
that neither is better, a fair coin. Whoever bets on its bias, one stake after the other, wins a
fortune (the e-value) that exceeds 1 / alpha with a chance of at most alpha, whenever one stops
(Ville 1939; Shafer 2021; Waudby-Smith & Ramdas 2024). The bets are those of Krichevsky and Trofimov
(1981): the mixture of all fixed bets with the Beta(1/2, 1/2) prior.
"""

import math
from dataclasses import dataclass

from scipy import optimize, special

PRIOR = 0.5  # Both parameters of the Beta distribution over the coin's bias.
EDGE = 1e-12  # How near 0 and 1 a bound is looked for.


@dataclass(frozen=True)
class Wager:
    """The bet after some tosses.

    Attributes:
        a: pairs that only policy A solved.
        b: pairs that only policy B solved.
    """

    a: int = 0
    b: int = 0

    def after(self, a: bool, b: bool) -> "Wager":
        """Return the bet after one more pair, solved by A, by B; equal outcomes change nothing."""
        return self if bool(a) == bool(b) else Wager(self.a + bool(a), self.b + bool(b))

    @property
    def e_value(self) -> float:
        """The fortune won from 1, against a fair coin."""
        return math.exp(min(self._log_e(0.5), 700.0))

    def decided(self, alpha: float = 0.05) -> bool:
        """Return whether the coin is not fair: true by mistake in at most alpha of all runs."""
        return self.excludes(0.5, alpha)

    def excludes(self, share: float, alpha: float = 0.05) -> bool:
        """Return whether B's share of these pairs is not the one given, as surely as `decided`."""
        return self._log_e(share) >= -math.log(alpha)

    def share_of_b(self, alpha: float = 0.05) -> tuple[float, float]:
        """Return bounds of B's share of the pairs that only one solves.

        They hold at all times at once with a chance of at least 1 - alpha: the shares against
        which no fortune of 1 / alpha was won.
        """
        if not self.a + self.b:
            return 0.0, 1.0
        best = self.b / (self.a + self.b)

        def _excess(share: float) -> float:
            return self._log_e(share) + math.log(alpha)

        low = optimize.brentq(_excess, EDGE, best) if self.b and _excess(EDGE) > 0 else 0.0
        high = optimize.brentq(_excess, best, 1 - EDGE) if self.a and _excess(1 - EDGE) > 0 else 1.0
        return float(low), float(high)

    def _log_e(self, share: float) -> float:
        """Return the log of the fortune against a coin of this bias."""
        won = special.betaln(PRIOR + self.b, PRIOR + self.a) - special.betaln(PRIOR, PRIOR)
        return float(won - special.xlogy(self.b, share) - special.xlog1py(self.a, -share))
