"""Pictures: the same picture is the same vector however it comes, and it is seen for what it is."""

import threading
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from firth import sample
from firth.encoders.lite0 import BATCH, CLASSES, class_names
from firth.errors import InputError, UnreadableError
from firth.kernel.threads import cores
from firth.similarity import pairwise

KNOWN = {
    "emoji-1f427": "king penguin",
    "emoji-26fa": "mountain tent",
    "emoji-1f3bb": "violin",
    "emoji-26be": "baseball",
    "emoji-1f3c0": "basketball",
    "clipart-strawberry": "strawberry",
    "clipart-padlock": "padlock",
    "clipart-harp": "harp",
    "clipart-lighthouse": "beacon",
    "clipart-french-horn": "French horn",
}


def path_of(item):
    return sample.path() / "pictures" / f"{item}.png"


def as_file(picture, kind, **options):
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def paths():
    return [path_of(item) for item in KNOWN]


def test_unit_rows_of_its_width(lite0, paths):
    vectors = lite0.encode(paths)
    assert vectors.shape == (len(paths), 1280)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_known_thing_gets_its_class(lite0, paths):
    _, logits = lite0.run(paths)
    assert logits.shape == (len(paths), CLASSES)
    names = class_names()
    seen = [names[place].split(", ")[0] for place in logits.argmax(1)]
    assert seen == list(KNOWN.values())


@pytest.mark.parametrize("item", ["emoji-1fad6", "clipart-tiger"])
def test_the_same_picture_in_any_form(lite0, item):
    picture = Image.open(path_of(item)).convert("RGB")
    forms = {
        "file": path_of(item),
        "bytes": path_of(item).read_bytes(),
        "PIL": picture,
        "PIL with a palette": Image.open(path_of(item)),
        "array": np.asarray(picture),
        "BMP": as_file(picture, "BMP"),
        "TIFF": as_file(picture, "TIFF"),
        "WebP": as_file(picture, "WEBP", lossless=True),
    }
    vectors = lite0.encode(list(forms.values()))
    np.testing.assert_allclose(vectors @ vectors[0], 1, atol=1e-5)
    lossy = lite0.encode([as_file(picture, "JPEG", quality=95, subsampling=0)])
    assert lossy[0] @ vectors[0] > 0.95


def test_a_jpeg_of_another_size_is_near(lite0):
    picture = Image.open(path_of("clipart-tiger")).convert("RGB")
    large = picture.resize((picture.width * 6, picture.height * 6), Image.Resampling.BICUBIC)
    small, big = lite0.encode([picture, as_file(large, "JPEG", quality=95)])
    others = lite0.encode([path_of("emoji-1fad6"), path_of("clipart-harp")])
    assert small @ big > 0.9 > (others @ big).max()


def test_transparent_is_white(lite0):
    picture = Image.open(path_of("emoji-1fad6")).convert("RGB")
    clear = picture.convert("RGBA")
    pixels = np.array(clear)
    pixels[(pixels[..., :3] == 255).all(-1), 3] = 0
    vectors = lite0.encode([picture, Image.fromarray(pixels)])
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-5)


def test_like_looks_like(lite0):
    """Of each pair of pictures of one thing, the other is nearer than a picture of another thing."""
    pairs = [("clipart-red-apple", "clipart-shiny-red-apple"), ("emoji-1f3b8", "clipart-acoustic-guitar")]
    vectors = lite0.encode([path_of(item) for pair in pairs for item in pair])
    scores = pairwise(vectors, vectors)
    assert scores[0, 1] > scores[0, 2:].max()
    assert scores[2, 3] > scores[2, :2].max()


def test_order_and_company_make_no_difference(lite0, paths):
    many = (paths * 2)[: BATCH + 3]
    together = lite0.encode(many)
    alone = np.concatenate([lite0.encode([path]) for path in many[-4:]])
    np.testing.assert_allclose(together[-4:], alone, atol=1e-5)
    assert lite0.encode(many).tobytes() == together.tobytes()


def test_progress_and_nothing(lite0, paths):
    told = []
    lite0.encode(paths, progress=told.append)
    assert sum(told) == len(paths)
    assert lite0.encode([]).shape == (0, 1280)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3000, 2)])
def test_any_size(lite0, size):
    assert np.isfinite(lite0.encode([Image.new("RGB", size, "red")])).all()


@pytest.mark.parametrize(
    ("inputs", "got"),
    [
        ("cat.jpg", "got one str"),
        (b"...", "got one bytes"),
        ([7], "got a int"),
        ([np.zeros((4, 4, 3))], "float64"),
        ([np.zeros((4, 4), np.uint8)], r"\(4, 4\) of uint8"),
        ([np.zeros((4, 4, 4), np.uint8)], "expected RGB"),
    ],
)
def test_what_is_no_picture_is_refused(lite0, inputs, got):
    with pytest.raises(InputError, match=got):
        lite0.encode(inputs)


def test_a_damaged_picture_is_said_to_be(lite0):
    with pytest.raises(UnreadableError):
        lite0.encode([path_of("emoji-1fad6").read_bytes()[:300]])
    with pytest.raises(UnreadableError):
        lite0.encode(["no such file.png"])


def test_a_thousand_names():
    assert len(class_names()) == CLASSES
    assert all(name == name.strip() and name for name in class_names())
    assert class_names()[849] == "teapot"


def test_the_number_of_threads_makes_no_difference(lite0, paths, monkeypatch):
    """Pictures are decoded ahead in threads; the network gets the same in the same order."""
    found = []
    for count in ("1", "5"):
        monkeypatch.setenv("FIRTH_THREADS", count)
        cores.cache_clear()
        found.append(lite0.encode(paths * 4))
    monkeypatch.undo()
    cores.cache_clear()
    assert np.array_equal(*found)


def test_a_damaged_picture_among_others_is_an_error_and_leaves_no_thread(lite0, paths):
    with pytest.raises(UnreadableError):
        lite0.encode([*paths, b"no picture", *paths])
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("firth-encode")]
