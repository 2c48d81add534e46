import pytest
import torch

from handeye.perception.towers.video import check_video, sample_frames


@pytest.mark.parametrize(
    ("count", "wanted", "chosen"),
    [
        (9, 3, [0, 4, 8]),
        (10, 4, [0, 3, 6, 9]),
        (5, 1, [4]),
        (4, 4, [0, 1, 2, 3]),
        (1, 3, [0, 0, 0]),
        (2, 3, [0, 0, 1]),
    ],
)
def test_frames_are_spread_and_the_last_is_among_them(
    count: int, wanted: int, chosen: list[int]
) -> None:
    assert sample_frames(count, wanted) == chosen


def test_nothing_cannot_be_sampled() -> None:
    for count, wanted in ((0, 4), (4, 0)):
        with pytest.raises(ValueError, match="at least one"):
            sample_frames(count, wanted)


def test_other_videos_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(B, T, 3, px, px\)"):
        check_video(torch.rand(4, 3, 8, 8), 4)
    with pytest.raises(ValueError, match="videos of 4 frames, not 5"):
        check_video(torch.rand(1, 5, 3, 8, 8), 4)
    with pytest.raises(ValueError, match="divide by 255"):
        check_video(torch.rand(1, 4, 3, 8, 8) * 255, 4)
