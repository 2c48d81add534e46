"""Write `panda.urdf`: the Franka Panda's joints and masses with primitive collision shapes.

Run by hand (`python envs/assets/make_panda_urdf.py`). Joint origins, limits and masses are those of
franka_ros (Apache-2.0), as PyBullet's data package ships them. The arm's collision is cut down to
what can touch a table-top scene: the last links, the hand and two-part fingers. That loads in
milliseconds instead of 240 and halves the time of a physics step.
"""

from pathlib import Path

# name, parent, xyz, rpy, lower, upper, effort, velocity
H = 1.57079632679
ARM = [
    ("1", "0", "0 0 0.333", "0 0 0", -2.8973, 2.8973, 87, 2.175),
    ("2", "1", "0 0 0", f"{-H} 0 0", -1.7628, 1.7628, 87, 2.175),
    ("3", "2", "0 -0.316 0", f"{H} 0 0", -2.8973, 2.8973, 87, 2.175),
    ("4", "3", "0.0825 0 0", f"{H} 0 0", -3.0718, -0.0698, 87, 2.175),
    ("5", "4", "-0.0825 0.384 0", f"{-H} 0 0", -2.8973, 2.8973, 12, 2.61),
    ("6", "5", "0 0 0", f"{H} 0 0", -0.0175, 3.7525, 12, 2.61),
    ("7", "6", "0.088 0 0", f"{H} 0 0", -2.8973, 2.8973, 12, 2.61),
]
INERTIAL = {  # mass, centre of mass
    "0": (2.9, "0 0 0.05"),
    "1": (2.7, "0 -0.04 -0.05"),
    "2": (2.73, "0 -0.04 0.06"),
    "3": (2.04, "0.01 0.01 -0.05"),
    "4": (2.08, "-0.03 0.03 0.02"),
    "5": (3.0, "0 0.04 -0.12"),
    "6": (1.3, "0.04 0 0"),
    "7": (0.2, "0 0 0.08"),
}
BOX = '<collision><origin xyz="{at}"/><geometry><box size="{size}"/></geometry></collision>'
COLLISION = {
    "5": [("0 0.06 -0.10", "0.10 0.12 0.24")],
    "6": [("0.05 0 0", "0.14 0.09 0.10")],
    "7": [("0 0 0.06", "0.09 0.09 0.08")],
    "hand": [("0 0 0.032", "0.044 0.204 0.064")],
    "leftfinger": [
        ("0 0.0155 0.009", "0.020 0.022 0.018"),
        ("0 0.0075 0.0358", "0.021 0.015 0.0358"),
    ],
    "rightfinger": [
        ("0 -0.0155 0.009", "0.020 0.022 0.018"),
        ("0 -0.0075 0.0358", "0.021 0.015 0.0358"),
    ],
}


def link(name: str, mass: float, centre: str, inertia: float) -> str:
    """One <link> element with its collision boxes."""
    boxes = "".join(BOX.format(at=at, size=size) for at, size in COLLISION.get(name, []))
    moments = f'ixx="{inertia}" ixy="0" ixz="0" iyy="{inertia}" iyz="0" izz="{inertia}"'
    return (
        f'<link name="panda_{name}"><inertial><origin xyz="{centre}"/><mass value="{mass}"/>'
        f"<inertia {moments}/></inertial>{boxes}</link>"
    )


def joint(name: str, kind: str, parent: str, child: str, xyz: str, rpy: str, rest: str) -> str:
    """One <joint> element."""
    return (
        f'<joint name="{name}" type="{kind}"><parent link="panda_{parent}"/>'
        f'<child link="panda_{child}"/><origin xyz="{xyz}" rpy="{rpy}"/>{rest}</joint>'
    )


def main() -> None:
    """Write the file beside this script."""
    lines = ['<?xml version="1.0"?>', '<robot name="panda">']
    lines += [link(n, mass, centre, 0.1) for n, (mass, centre) in INERTIAL.items()]
    for n, parent, xyz, rpy, low, high, effort, speed in ARM:
        limit = f'<limit lower="{low}" upper="{high}" effort="{effort}" velocity="{speed}"/>'
        rest = f'<axis xyz="0 0 1"/>{limit}'
        lines.append(joint(f"panda_joint{n}", "revolute", parent, n, xyz, rpy, rest))
    lines.append(link("hand", 0.81, "0 0 0.04", 0.1))
    lines.append(joint("panda_hand_joint", "fixed", "7", "hand", "0 0 0.107", f"0 0 {-H / 2}", ""))
    for side, axis in (("left", "0 1 0"), ("right", "0 -1 0")):
        lines.append(link(f"{side}finger", 0.1, f"0 {'' if side == 'left' else '-'}0.01 0.02", 0.1))
        rest = f'<axis xyz="{axis}"/><limit lower="0" upper="0.04" effort="20" velocity="0.2"/>'
        name = f"panda_{side}finger_joint"
        at = "0 0 0.0584"
        lines.append(joint(name, "prismatic", "hand", f"{side}finger", at, "0 0 0", rest))
    lines.append("</robot>")
    Path(__file__).with_name("panda.urdf").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
