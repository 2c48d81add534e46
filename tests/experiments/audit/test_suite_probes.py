"""The judge of a task gives success to the oracle and to none of its impostors."""

import pytest

from handeye.experiments.audit.suite_probes import PROBES, ProbeJob, run_probe


@pytest.mark.parametrize("task", ["put_in", "press_button"])
def test_only_who_does_it_succeeds(task: str) -> None:
    won = {}
    for probe in PROBES:
        job = ProbeJob("oracle", task, task, "seen", 900_004, probe=probe)
        won[probe] = run_probe(job).success
    assert won == {probe: probe == "oracle" for probe in PROBES}
