import numpy as np
import pytest

from handeye.envs.rendering.rasterizer import Mesh
from handeye.envs.robots.kinematics import HAND, PANDA_LINKS, panda_link_poses, pose_matrix
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.meshes import (
    FIRST_OBJECT_SLOT,
    PANDA_ASSET,
    box,
    lathe,
    part_poses,
    robot_parts,
    scene_geometry,
    slides,
    sliding_mesh,
    still_mesh,
    tube,
)
from handeye.envs.tabletop.world.scene import Scene, SceneObject

HOME = np.array([0.0, -0.55, 0.0, -2.35, 0.0, 1.8, 0.785, 0.04, 0.04])
FORMS = [
    *((kind, size) for kind in shapes.GRASPABLE_KINDS for size in ("small", "large")),
    *((kind, "") for kind in shapes.CONTAINER_KINDS + shapes.FIXTURE_KINDS),
]


def volume(mesh: Mesh) -> float:
    """Signed volume; positive where a closed mesh faces outwards."""
    a, b, c = (mesh.vertices_m[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def is_closed(mesh: Mesh) -> bool:
    """Whether every directed edge has its opposite as often (corners matched by place)."""
    _, corner = np.unique(np.round(mesh.vertices_m, 6), axis=0, return_inverse=True)
    faces = corner.reshape(-1)[mesh.faces].astype(np.int64)
    edges = np.concatenate([faces[:, [k, (k + 1) % 3]] for k in range(3)])
    there = np.sort(edges[:, 0] * 1_000_000 + edges[:, 1])
    back = np.sort(edges[:, 1] * 1_000_000 + edges[:, 0])
    return bool((there == back).all())


@pytest.mark.parametrize(("kind", "size"), FORMS)
def test_every_form_is_closed_and_faces_outwards(kind: str, size: str) -> None:
    mesh, hull, details = still_mesh(kind, size)
    meshes = [mesh, *([hull] if hull else [])]
    if kind in ("button", "drawer"):
        meshes += sliding_mesh(kind)[:2]
    for each in meshes:
        assert is_closed(each)
        assert volume(each) > 0
    assert mesh.paint_of_face.max() < len(details)
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
    assert mesh.vertices_m[:, 2].min() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("kind", "size"), FORMS)
def test_normals_point_to_the_side_a_face_is_seen_from(kind: str, size: str) -> None:
    mesh = still_mesh(kind, size)[0]
    a, b, c = (mesh.vertices_m[mesh.faces[:, k]] for k in range(3))
    facing = np.cross(b - a, c - a)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    agreement = np.einsum("fj,fkj->fk", facing, mesh.normals[mesh.faces])
    assert agreement.min() > 0.9


def test_sizes_are_those_of_shapes() -> None:
    for kind, sizes in shapes.PRISMS.items():
        for size, form in sizes.items():
            vertices = still_mesh(kind, size)[0].vertices_m
            assert vertices[:, 2].max() == pytest.approx(form.height_m)
            assert np.abs(vertices[:, 0]).max() == pytest.approx(form.radius_m)
    for kind, vessel in shapes.VESSELS.items():
        vertices = still_mesh(kind, "")[0].vertices_m
        assert np.linalg.norm(vertices[:, :2], axis=1).max() == pytest.approx(vessel.rim_radius_m)
    assert volume(tube(0.1, 0.0, 0.2, 200)) == pytest.approx(np.pi * 0.01 * 0.2, rel=1e-3)
    assert volume(box((1, 2, 3))) == pytest.approx(48)
    assert volume(lathe([(0, 0), (1, 0), (0, 1)], (0, 0), 200)) == pytest.approx(
        np.pi / 3, rel=1e-3
    )


def scene() -> Scene:
    return Scene(
        (
            SceneObject("a", "button", "red", "", (0.5, 0.1, 0.0), 0.0),
            SceneObject("b", "block", "blue", "small", (0.6, -0.1, 0.0), 0.4),
            SceneObject("c", "drawer", "green", "", (0.4, -0.2, 0.0), np.pi / 2),
        )
    )


def test_part_poses_follow_bodies_links_and_joints() -> None:
    things = scene()
    poses = np.zeros((things.body_count, 7))
    poses[:, 6] = 1
    for index, thing in enumerate(things.objects):
        half = thing.yaw_rad / 2
        poses[2 + index] = (*thing.position_m, 0, 0, np.sin(half), np.cos(half))
    joints = np.concatenate([HOME, [-0.005, 0.08]])
    parts = part_poses(slides(things), poses, joints)
    assert len(parts) == scene_geometry(things).pose_slots
    np.testing.assert_array_equal(parts[: len(PANDA_LINKS)], panda_link_poses(HOME))
    np.testing.assert_array_equal(parts[FIRST_OBJECT_SLOT : FIRST_OBJECT_SLOT + 3], poses[2:])
    cap, tray = parts[-2], parts[-1]
    np.testing.assert_allclose(cap[:3], [0.5, 0.1, -0.005], atol=1e-12)
    np.testing.assert_allclose(tray[:3], [0.4, -0.12, 0.0], atol=1e-12)  # its +x is world +y
    base = poses.copy()
    base[0] = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)  # half a turn: a base elsewhere carries the arm
    moved = part_poses(slides(things), base, joints)
    expected = pose_matrix(base[0]) @ pose_matrix(parts[HAND])
    np.testing.assert_allclose(pose_matrix(moved[HAND]), expected, atol=1e-12)


def test_geometry_names_bodies_and_is_cached() -> None:
    geometry = scene_geometry(scene())
    assert scene_geometry(scene()) is geometry
    assert set(geometry.bodies) == {0, 1, 2, 3, 4}
    assert 4000 < len(geometry.faces) < 5500
    assert "2.handle" in geometry.paints


def test_the_shipped_robot_is_small() -> None:
    assert PANDA_ASSET.stat().st_size < 120_000
    assert len(robot_parts()) == 11
    assert 3500 < sum(len(part.mesh.faces) for part in robot_parts()) < 4600
