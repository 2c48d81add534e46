import pytest

from handeye.base.names import UnknownName
from handeye.experiments.data.mixture import check_learnable, kinds_of, read_mixture
from handeye.perception.families.registry import FAMILIES, family_class


def test_shares_are_scaled_to_one_and_nothing_said_is_acting() -> None:
    assert read_mixture("") == {"act": 1.0}
    assert read_mixture(" act=3, vqa = 1,plan=0") == {"act": 0.75, "vqa": 0.25}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("act", "'act' is no part and its share"),
        ("act=much", "no part and its share"),
        ("act=-1", "no part and its share"),
        ("act=nan", "no part and its share"),
        ("act=1,act=1", "write each part once"),
        ("act=0,vqa=0", "sums to 0"),
    ],
)
def test_what_is_no_mixture_is_told(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_mixture(text)


def test_an_unknown_part_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UnknownName, match="caption"):
        read_mixture("captions=1")


def test_a_family_says_what_it_learns() -> None:
    with pytest.raises(ValueError, match=r"Clip has no loss for 'vqa'.*act, caption"):
        check_learnable({"act": 0.5, "vqa": 0.5}, family_class("clip"))
    check_learnable({"act": 0.5, "ground": 0.5}, family_class("kosmos2"))
    assert all(kinds_of("caption", family_class(name)) for name in FAMILIES)
