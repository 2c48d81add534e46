"""Success that depends on a trait of the scene shows, and chance does not."""

from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.audit.bias import bias_findings
from handeye.experiments.audit.finding import Finding
from handeye.experiments.records.episode import EpisodeRecord


def findings(trait: str, value: str) -> dict[str, Finding]:
    """Audit 120 made-up episodes of which those whose object has a trait fail."""
    env = TabletopEnv("pick_up", cameras=())
    records = []
    for seed in range(1_000_000, 1_000_120):
        env.sample_episode(seed=seed)
        thing = env.scene.objects[env.goal.referred[0]]
        success = getattr(thing, trait) != value
        name = f"pick_up/{seed}/true"
        record = EpisodeRecord(
            name, "pick_up", "pick_up", "seen", seed, "true", "made up", success=success
        )
        records.append(record)
    return {f.question.split(" the ")[1].split(" of ")[0]: f for f in bias_findings(records)}


def test_a_colour_that_always_fails_is_named() -> None:
    found = findings("colour", "red")
    assert found["colour"].verdict == "fail"
    assert "red" in found["colour"].words
    assert found["size"].verdict == found["region"].verdict == "pass"


def test_where_all_succeed_nothing_is_found() -> None:
    assert {f.verdict for f in findings("colour", "none").values()} <= {"pass", "open"}
