"""All families by name: a new one is a file and a line. Modules are named, not imported."""

from pkgutil import resolve_name

from handeye.base.names import look_up
from handeye.perception.families.family import Family, FamilyConfig

FAMILIES: dict[str, str] = {
    "clip": "handeye.perception.families.clip:Clip",
    "siglip": "handeye.perception.families.siglip:SigLip",
    "vilbert": "handeye.perception.families.vilbert:ViLBert",
    "visualbert": "handeye.perception.families.visualbert:VisualBert",
    "perceiver": "handeye.perception.families.perceiver:Perceiver",
    "flamingo": "handeye.perception.families.flamingo:Flamingo",
    "blip2": "handeye.perception.families.blip2:Blip2",
    "llava": "handeye.perception.families.llava:Llava",
    "minigpt4": "handeye.perception.families.minigpt4:MiniGpt4",
    "kosmos2": "handeye.perception.families.kosmos2:Kosmos2",
    "palm_e": "handeye.perception.families.palm_e:PalmE",
    "rt2": "handeye.perception.families.rt2:Rt2",
}


def family_class(name: str) -> type[Family]:
    """Return the class of a family.

    Raises:
        UnknownName: there is no such family.
    """
    found: type[Family] = resolve_name(look_up("family", name, FAMILIES))
    return found


def make_family(config: FamilyConfig) -> Family:
    """Return a family of random weights in the sizes of `config`."""
    return family_class(config.family)(config)
