import io

import numpy as np
import pytest
from PIL import Image

from firth.data import Limits, load_picture, picture_bytes, thumbnail
from firth.errors import InputError, UnreadableError

from .made import png_bomb

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)


def quarters(size=(64, 48)) -> Image.Image:
    """Red above left, green above right, blue below left, white below right."""
    image = Image.new("RGB", size, WHITE)
    w, h = size[0] // 2, size[1] // 2
    for color, corner in ((RED, (0, 0)), (GREEN, (w, 0)), (BLUE, (0, h))):
        image.paste(color, (*corner, corner[0] + w, corner[1] + h))
    return image


def corners(pixels) -> list[tuple[int, ...]]:
    h, w, _ = pixels.shape
    spots = [(h // 8, w // 8), (h // 8, -w // 8), (-h // 8, w // 8), (-h // 8, -w // 8)]
    return [tuple(int(v) for v in pixels[spot]) for spot in spots]


def assert_near(found, expected, tolerance=6):
    assert np.abs(np.subtract(found, expected)).max() <= tolerance, (found, expected)


def encoded(image, form, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("how", ["path", "bytes"])
def test_every_format(tmp_path, form, how):
    options = {"quality": 95} if form in ("JPEG", "WEBP") else {}
    source = encoded(quarters(), form, **options)
    if how == "path":
        (tmp_path / "書").write_bytes(source)
        source = tmp_path / "書"
    pixels = load_picture(source)
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert_near(corners(pixels), [RED, GREEN, BLUE, WHITE])


# Which colours come to stand at the four corners once a picture of this orientation is upright.
UPRIGHT = {
    1: [RED, GREEN, BLUE, WHITE],
    2: [GREEN, RED, WHITE, BLUE],
    3: [WHITE, BLUE, GREEN, RED],
    4: [BLUE, WHITE, RED, GREEN],
    5: [RED, BLUE, GREEN, WHITE],
    6: [BLUE, RED, WHITE, GREEN],
    7: [WHITE, GREEN, BLUE, RED],
    8: [GREEN, WHITE, RED, BLUE],
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_turned_upright(orientation, form):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(quarters(), form, exif=exif, **({"quality": 95} if form in ("JPEG", "WEBP") else {}))
    pixels = load_picture(data)
    assert_near(corners(pixels), UPRIGHT[orientation])
    twin = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    assert pixels.shape == twin.shape
    assert_near(corners(pixels), corners(twin))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("size", "least"), [((1600, 1200), 256), ((1200, 1600), 100), ((300, 200), 256)])
def test_large_pictures_are_decoded_small(form, size, least):
    pixels = load_picture(encoded(quarters(size), form), min_side=least)
    shorter = min(pixels.shape[:2])
    assert shorter >= min(least, *size)
    assert shorter <= max(2 * least, min(size) if min(size) < 2 * least else 0)
    assert pixels.shape[0] / pixels.shape[1] == pytest.approx(size[1] / size[0], rel=0.02)
    assert_near(corners(pixels), [RED, GREEN, BLUE, WHITE], 12)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_stands_on_white(mode):
    image = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 20, 40))
    pixels = load_picture(encoded(image.convert(mode), "PNG"))
    assert_near(pixels[20, 5], (0, 0, 0))
    assert_near(pixels[20, 35], WHITE)


def test_a_transparent_colour_and_half_transparency():
    image = quarters()
    pixels = load_picture(encoded(image, "PNG", transparency=RED))
    assert_near(corners(pixels), [WHITE, GREEN, BLUE, WHITE])
    half = load_picture(encoded(Image.new("RGBA", (600, 600), (0, 0, 0, 128)), "PNG"), min_side=100)
    assert_near(half[50, 50], (127, 127, 127))


def test_sixteen_bits():
    ramp = np.linspace(0, 65535, 64 * 32).reshape(32, 64).astype(np.uint16)
    pixels = load_picture(encoded(Image.fromarray(ramp), "PNG"))
    assert_near(pixels[..., 0], ramp >> 8, 1)


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_pictures_without_a_natural_range_go_from_black_to_white(kind):
    values = np.linspace(-1000, 5000, 100).reshape(10, 10).astype(kind)
    pixels = load_picture(encoded(Image.fromarray(values), "TIFF"))
    assert (pixels.min(), pixels.max()) == (0, 255)
    assert not load_picture(Image.fromarray(np.zeros((4, 4), kind))).any()


def test_cmyk_grey_and_black_and_white():
    assert_near(
        corners(load_picture(encoded(quarters().convert("CMYK"), "JPEG", quality=95))), UPRIGHT[1], 12
    )
    assert_near(load_picture(encoded(Image.new("L", (20, 20), 77), "JPEG"))[5, 5], (77, 77, 77))
    assert_near(load_picture(encoded(Image.new("1", (20, 20), 1), "PNG"))[5, 5], WHITE)


def test_the_first_frame():
    frames = [Image.new("RGB", (30, 20), color) for color in ("red", "blue")]
    for form in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:], lossless=True)
        assert_near(load_picture(data)[10, 10], RED)


@pytest.mark.parametrize("size", [(50_000, 50_000), (100_000_001, 1)])
def test_a_decompression_bomb_is_refused_by_its_header(size):
    import tracemalloc

    load_picture(Image.new("RGB", (2, 2)))  # imports Pillow
    tracemalloc.start()
    with pytest.raises(UnreadableError, match="pixels are over the limit of 100,000,000"):
        load_picture(png_bomb(*size))
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_limits_can_be_chosen(tmp_path):
    data = encoded(quarters(), "PNG")
    for limits, reason in ((Limits(pixels=3000), "64 x 48 pixels"), (Limits(file_bytes=10), "MiB")):
        with pytest.raises(UnreadableError, match=reason):
            load_picture(data, limits=limits)
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(UnreadableError, match="over the limit"):
        load_picture(tmp_path / "a.png", limits=Limits(file_bytes=10))


def test_a_webp_bomb_is_refused():
    data = bytearray(encoded(Image.new("RGB", (8, 8)), "WEBP", lossless=True))
    size = data.index(b"\x2f", 20) + 1  # after the signature: 14 bits of width - 1, then 14 of height - 1
    kept = int.from_bytes(data[size : size + 4], "little") >> 28 << 28
    data[size : size + 4] = (kept | (16_000 - 1) | (8_000 - 1) << 14).to_bytes(4, "little")
    with pytest.raises(UnreadableError, match="16,000 x 8,000 pixels"):
        load_picture(bytes(data))
    data[size : size + 4] = (kept | (16_000 - 1) | (16_000 - 1) << 14).to_bytes(4, "little")
    with pytest.raises(UnreadableError, match="256000000 pixels"):
        load_picture(bytes(data))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_truncated_files(form, share):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 120, 3), dtype=np.uint8))
    data = encoded(noise, form)
    with pytest.raises(UnreadableError, match="Next: "):
        load_picture(data[: int(len(data) * share)])


@pytest.mark.parametrize("data", [b"", b"GIF", b"%PDF-1.4", "文字".encode(), b"\xff\xd8\xff\xe0 broken"])
def test_what_is_no_picture(data):
    with pytest.raises(UnreadableError):
        load_picture(data)


def test_bad_arguments(tmp_path):
    with pytest.raises(InputError, match="got a str; expected a Path"):
        load_picture("cat.jpg")
    with pytest.raises(InputError, match="min_side=0"):
        load_picture(quarters(), min_side=0)
    with pytest.raises(UnreadableError, match="No such file"):
        load_picture(tmp_path / "none.png")


def test_thumbnail():
    small = Image.open(io.BytesIO(thumbnail(np.asarray(quarters((400, 300))), size=96)))
    assert (small.format, small.size) == ("WEBP", (96, 72))
    assert Image.open(io.BytesIO(thumbnail(np.asarray(quarters((40, 30)))))).size == (40, 30)


def test_picture_bytes(tmp_path):
    (tmp_path / "a.png").write_bytes(b"abc")
    assert picture_bytes(tmp_path / "a.png") == picture_bytes(b"abc") == b"abc"
    for mode in ("RGB", "RGBA", "P", "L", "CMYK", "F", "YCbCr"):
        image = quarters().convert(mode)
        assert picture_bytes(image) == picture_bytes(image.copy())
        assert picture_bytes(image).startswith(b"\x89PNG")
