import torch

from handeye.perception.encoders.image import ConvBlock, FilmConvEncoder, pointwise


def test_maps_have_strides_four_and_eight() -> None:
    maps = FilmConvEncoder(8, 16, 4)(torch.rand(2, 3, 64, 64), torch.randn(2, 4))
    assert maps.fine.shape == (2, 8, 16, 16)
    assert maps.scene.shape == maps.conditioned.shape == (2, 16, 8, 8)


def test_the_text_changes_only_the_conditioned_map() -> None:
    encoder = FilmConvEncoder(8, 16, 4)
    for block in encoder.film:
        torch.nn.init.normal_(block.film.weight)
    image = torch.rand(1, 3, 64, 64)
    one, other = (encoder(image, torch.full((1, 4), value)) for value in (0.0, 1.0))
    assert torch.equal(one.scene, other.scene)
    assert not torch.allclose(one.conditioned, other.conditioned)


def test_conditioning_starts_as_the_identity() -> None:
    block, maps = ConvBlock(8, 4), torch.randn(1, 8, 5, 5)
    assert torch.equal(block(maps, torch.randn(1, 4)), block(maps))


def test_matrix_products_are_the_convolutions_they_stand_for() -> None:
    encoder = FilmConvEncoder(8, 16, 32)
    image = torch.rand(2, 3, 32, 32)
    patches = encoder.patches(4.0 * (image - 0.5))
    torch.testing.assert_close(encoder._embed(4.0 * (image - 0.5)), patches, atol=1e-5, rtol=1e-4)
    conv = torch.nn.Conv2d(8, 5, 1)
    torch.testing.assert_close(pointwise(conv, patches), conv(patches), atol=1e-5, rtol=1e-4)
