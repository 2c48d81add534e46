"""URDFs: their numbers are compared with what PyBullet made of them; bad files are one error."""

from pathlib import Path

import pybullet
import pytest

from handeye.envs.core import physics
from handeye.envs.core.physics import Physics, SimulationError
from handeye.envs.core.urdf import read_urdf

ARM = (
    '<robot name="r"><link name="foot"/><link name="arm"><inertial><mass value="{mass}"/>'
    '<inertia ixx="0.1" ixy="0" ixz="0" iyy="0.1" iyz="0" izz="0.1"/></inertial></link>'
    '<joint name="j" type="revolute"><parent link="foot"/><child link="arm"/><axis xyz="0 0 1"/>'
    '<limit lower="{lower}" upper="{upper}" effort="1" velocity="{speed}"/></joint></robot>'
)
SOUND = {"mass": "0.5", "lower": "-1.25", "upper": "2.5", "speed": "0.75"}


def written(folder: Path, text: str) -> Path:
    file = folder / "robot.urdf"
    file.write_text(text)
    return file


@pytest.fixture
def client() -> Physics:
    return Physics(240)


def test_masses_and_limits_are_read(tmp_path: Path) -> None:
    numbers = read_urdf(written(tmp_path, ARM.format(**SOUND)))
    assert numbers.masses_kg == {"arm": 0.5}
    assert numbers.limits == {"j": (-1.25, 2.5, 0.75)}


@pytest.mark.parametrize("file", ["panda.urdf", "base.urdf"])
def test_pybullet_reads_our_robots_as_they_are_written(client: Physics, file: str) -> None:
    numbers = read_urdf(physics.ASSETS / file)
    assert len(client.load(file)[1]) >= len(numbers.limits)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<robot", "is no XML"),
        ("<robot/>", "at least one <link>"),
        ("<sdf><link/></sdf>", "is no URDF"),
        (ARM.format(**SOUND | {"mass": "0,5"}), "<mass> lacks a finite number 'value'"),
        (ARM.format(**SOUND | {"lower": "nan"}), "<limit> lacks a finite number 'lower'"),
        (ARM.format(**SOUND | {"speed": ""}), "<limit> lacks a finite number 'velocity'"),
        (ARM.format(**SOUND | {"lower": "3"}), "joint 'j' has its lower limit above its upper"),
        (ARM.replace("<limit", "<other").format(**SOUND), "an element lacks a finite number"),
    ],
)
def test_a_bad_file_is_one_error_that_names_it(
    tmp_path: Path, client: Physics, text: str, named: str
) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SimulationError, match=f"robot.urdf.*{named}"):
        client.load(str(file))


def test_a_file_that_is_not_there_is_named(tmp_path: Path, client: Physics) -> None:
    with pytest.raises(SimulationError, match=r"none\.urdf: No such file"):
        client.load(str(tmp_path / "none.urdf"))


def test_what_is_loaded_otherwise_than_written_is_refused(
    client: Physics, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = pybullet.getJointInfo

    def cut(*args: int, **kwargs: int) -> tuple[object, ...]:
        info = right(*args, **kwargs)
        return (*info[:8], float(int(info[8])), float(int(info[9])), *info[10:])

    monkeypatch.setattr(pybullet, "getJointInfo", cut)
    with pytest.raises(SimulationError, match="the limits of joint 'panda_joint1' as"):
        client.load("panda.urdf")
