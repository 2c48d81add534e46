"""The bench's arithmetic and files; how fast anything is, no test asserts."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.envs.vector.worker import run_jobs
from handeye.experiments.bench import agent as bench_agent
from handeye.experiments.bench import bench
from handeye.experiments.bench import memory as bench_memory
from handeye.experiments.bench import robot as bench_robot
from handeye.experiments.bench import rooms as bench_rooms
from handeye.experiments.bench import simulation as bench_simulation
from handeye.experiments.bench.bench import run
from handeye.experiments.bench.config import BenchConfig
from handeye.experiments.bench.judging import measure_judging
from handeye.experiments.bench.measurement import Measurement, interleaved_ms


def two_figures() -> list[Measurement]:
    return [
        Measurement.of_costs("rasterizer_vs_tiny_128", 0.5, 30.0, "ms", "pictures"),
        Measurement.of_rates("workers_2_vs_1", 190.0, 100.0, "steps/s", "steps", envs=8.0),
    ]


def broken() -> list[Measurement]:
    raise ModuleNotFoundError("panda-gym is missing: pip install 'handeye[bench]'")


def test_ratios_say_how_many_times_better_ours_is() -> None:
    cost, rate = two_figures()
    assert (cost.ratio, rate.ratio) == (60.0, 1.9)
    record = rate.to_dict()
    assert {"name", "ours", "theirs", "unit", "ratio", "machine", "commit"} <= record.keys()
    assert record["details"] == {"envs": 8.0}


def test_actions_take_turns() -> None:
    order: list[str] = []
    actions = {name: lambda name=name: order.append(name) for name in "ab"}
    medians = interleaved_ms(actions, rounds=4, warm_up=1)
    assert order == ["a", "b"] * 5
    assert set(medians) == {"a", "b"}
    order.clear()
    interleaved_ms(actions, rounds=2, burst=3, warm_up=0)
    assert order == ["a", "a", "a", "b", "b", "b"] * 2


def run_jobs_here(function: Any, jobs: Any, workers: int, deadline_s: float) -> Any:
    """Stand in for `run_jobs`: a process of its own would spend seconds on imports."""
    return run_jobs(function, jobs, workers=0, deadline_s=deadline_s)


def test_the_file_holds_a_list_of_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "run_jobs", run_jobs_here)
    monkeypatch.setattr(bench, "all_groups", lambda effort: {"few": two_figures, "bad": broken})
    output = tmp_path / "results" / "bench.json"
    assert run(BenchConfig(output, only=("few",))) == 0
    assert [row["name"] for row in json.loads(output.read_text())] == [
        "rasterizer_vs_tiny_128",
        "workers_2_vs_1",
    ]
    with pytest.raises(ValueError, match=r"panda-gym is missing: pip install 'handeye\[bench\]'"):
        run(BenchConfig(tmp_path / "other.json", only=("bad",)))
    assert not (tmp_path / "other.json").exists()
    with pytest.raises(ValueError, match="unknown group of figures 'fwe'"):
        run(BenchConfig(output, only=("fwe",)))
    with pytest.raises(ValueError, match="--effort"):
        run(BenchConfig(output, effort=0.0))


def test_every_name_of_the_contract_is_measured() -> None:
    ms = dict.fromkeys(
        ("draw", "tiny", "step", "bare step", "step of two cameras", "their step", "their frame"),
        1.0,
    )  # fmt: skip
    figures = {f.name: f for f in bench_simulation.step_figures({**ms, "step": 2.0})}
    assert {
        "rasterizer_vs_tiny_128",
        "step_vs_panda_gym",
        "step_vs_tiny_renderer",
        "step_10hz_two_cameras_vs_panda_gym",
        "rendering_share",
    } == figures.keys()
    assert figures["step_vs_panda_gym"].ratio == 1.0
    assert figures["rendering_share"].ours == 0.5


def test_layers_are_what_physics_leaves_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0

    def spend(seconds: float) -> None:
        nonlocal clock
        clock += seconds

    class Engine:
        def step(self, ticks: int) -> None:
            spend(0.010 * ticks)

    engine = Engine()
    monkeypatch.setattr(bench_simulation.time, "perf_counter", lambda: clock)
    layers = bench_simulation.Layers(lambda: (engine.step(3), spend(0.002), engine.step(1)), engine)
    assert layers.outside_ms() == pytest.approx(2.0)
    assert layers.outside_ms() == pytest.approx(2.0)


@pytest.mark.slow
def test_episodes_are_weighed() -> None:
    (figure,) = bench_simulation.measure_episode_size(2)
    assert 500 < figure.ours < 100_000
    assert figure.ratio is not None
    assert figure.ratio > 1


@pytest.mark.slow
def test_both_renderers_look_at_the_same_scene() -> None:
    pytest.importorskip("panda_gym")
    env = bench_simulation.period_env(("front",))
    view = bench_simulation.whole_view(env)
    _, _, _, _, bodies = bench_simulation.StockScene(env).draw(view.camera)
    theirs = np.asarray(bodies).reshape(128, 128)
    ours = bench_simulation.rasterize([view]).segmentation[0]
    robot_ours, robot_theirs = ours == 0, theirs == 0  # either loads the arm first
    both, either = (robot_ours & robot_theirs).sum(), (robot_ours | robot_theirs).sum()
    assert both / either > 0.9
    assert robot_ours.sum() > 500
    env.close()


def test_frames_and_steps_of_rooms_are_compared() -> None:
    names = ("frame", "their frame", "crowd", "their crowd", "step", "bare step", "build")
    ms = dict.fromkeys(names, 1.0) | {"their frame": 4.0, "step": 2.0}
    figures = {figure.name: figure for figure in bench_rooms.rooms_figures(ms, 200, 1024)}
    assert set(figures) == {"rooms_frame_128", "rooms_frame_128_crowd", "rooms_step_with_camera"}
    assert figures["rooms_frame_128"].ratio == 4.0
    step = figures["rooms_step_with_camera"]
    assert (step.ours, step.theirs, step.ratio) == (500.0, 200.0, 2.5)


@pytest.mark.slow
def test_the_bench_fills_its_rooms_and_both_renderers_see_the_same() -> None:
    home = bench_rooms.full_apartment()
    assert len(home.apartment.furniture) >= 150
    assert len(bench_rooms.crowd().things) == 1024
    renderer, tiny = bench_rooms.HomeRenderer(home), bench_rooms.TinyHome(home)
    walls = len(home.walls)
    for pose in bench_rooms.free_poses(home)[:6]:
        ours, (_, depth_m, bodies) = renderer.render([pose]), tiny.draw(pose)
        shell = (ours.segmentation[0] < 2) & (bodies >= 0) & (bodies <= walls)
        assert shell.sum() > 500
        assert (abs(ours.depth_m[0] - depth_m)[shell] < 0.05).mean() > 0.95
    rover = bench_rooms.Rover(home, bench_rooms.free_poses(home), renderer)
    rover.step()


@pytest.mark.slow
def test_the_decimated_robot_covers_the_same_pixels_as_the_stock_meshes() -> None:
    overlaps = bench_robot.robot_overlap(12)
    assert set(overlaps) == {"side", "front", "overhead", "wrist"}
    assert all(overlap >= 0.97 for overlap in overlaps.values()), overlaps
    assert sum(len(part.mesh.faces) for part in bench_robot.stock_robot()) > 100_000


@pytest.mark.slow
def test_memory_is_counted_over_all_processes_of_a_command() -> None:
    hold = "import sys, subprocess; kept = bytearray(40_000_000)\n"
    child = "import time; kept = bytearray(60_000_000); time.sleep(1.5)"
    command = [sys.executable, "-c", f"{hold}subprocess.run([sys.executable, '-c', {child!r}])"]
    assert 95 < bench_memory.peak_mb(command) < 200


def test_a_command_that_fails_has_no_peak() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        bench_memory.peak_mb([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_loop_of_an_agent_is_run_as_often_as_asked() -> None:
    (figure,) = bench_agent.measure_agent(3)
    assert figure.name == "agent_loop_ms"
    assert figure.theirs == bench_agent.LIMIT_MS
    assert figure.ours > 0.0
    assert figure.details is not None
    assert figure.details["with_picture_ms"] > 0.0


def test_judging_costs_a_small_share_of_an_episode() -> None:
    (figure,) = measure_judging(3)
    assert figure.details is not None
    assert 0 < figure.details["share"] < 0.03
