"""What is taken in as a picture, and what is left of it: pixels, as they are to be looked at."""

from io import BytesIO
from typing import Any
from zlib import crc32

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, ImageCms, PngImagePlugin

from programmes.pictures.accepting import LONGEST_SIDE, MOST_BYTES, accept_picture
from programmes.pictures.names import list_renditions, list_widths
from tests.pictures import PICTURE, draw_halves, read_image, write_image

RED, BLUE = (254, 0, 0), (0, 0, 254)
HIDDEN = b"<script>alert(1)</script>"


def accept(content: bytes, name: str = "x") -> Any:
    return accept_picture(ContentFile(content, name))


def find_colour(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """Return the colour at a place, whose parts are as good as none or full in a lossy picture."""
    colour: Any = image.convert("RGB").getpixel((x, y))
    return tuple(0 if part < 16 else 254 if part > 239 else part for part in colour)


def write_head(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is, and has hardly any pixels."""
    written = bytearray(PICTURE)
    written[16:24] = width.to_bytes(4) + height.to_bytes(4)
    written[29:33] = crc32(written[12:29]).to_bytes(4)
    return bytes(written)


def write_photo(orientation: int = 1) -> bytes:
    """Return a photo as a phone writes it: with a place, remarks and how the phone was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "At the school"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 2.0), 3: "E", 4: (17.0, 6.0, 3.0)})
    told = {"exif": exif, "comment": b"By hand", "xmp": b"<x:xmpmeta>Place</x:xmpmeta>"}
    return write_image(draw_halves((64, 32)), "JPEG", quality=95, **told)


def test_nothing_but_pixels_is_left_of_a_photo() -> None:
    photo = write_photo()
    assert read_image(photo).getexif().get_ifd(0x8825)
    for content in (photo, photo + HIDDEN, photo + b"PK\x03\x04" + HIDDEN):
        kept = accept(content).content
        for told in (b"Exif", b"GPS", b"At the school", b"By hand", b"xmpmeta", b"PK\x03", HIDDEN):
            assert told not in kept
        image = read_image(kept)
        assert not image.getexif()
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density",
                                     "progressive", "progression"}  # fmt: skip


def test_texts_in_a_png_and_a_webp_are_gone_too() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "At the school")
    image = draw_halves((8, 8))
    png = write_image(image, "PNG", pnginfo=texts, exif=b"Exif\0\0At the school")
    webp = write_image(image, "WEBP", xmp=b"At the school", exif=b"Exif\0\0At the school")
    for content in (png + HIDDEN, webp + HIDDEN):
        assert b"At the school" in content
        kept = accept(content).content
        assert b"At the school" not in kept
        assert HIDDEN not in kept


def test_a_photo_stands_as_it_was_seen_however_the_phone_was_held() -> None:
    places = {1: (8, 8), 2: (8, 8), 3: (8, 24), 4: (8, 24), 5: (8, 8), 6: (24, 8), 7: (24, 8)}
    for orientation in range(1, 9):
        image = read_image(accept(write_photo(orientation)).content)
        assert image.size == ((64, 32) if orientation < 5 else (32, 64))
        assert find_colour(image, *places.get(orientation, (8, 8))) == RED
    assert read_image(accept(write_photo(77)).content).size == (64, 32)


def test_the_content_says_what_a_picture_is_not_its_name() -> None:
    image = draw_halves((8, 4))
    for kind, suffix in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")):
        for name in ("x.svg", "x.png", "x", "../x.html", "x.JPG"):
            taken = accept(write_image(image, kind), name)
            assert taken.name == f"8x4.{suffix}"
            assert read_image(taken.content).format == kind


def test_every_kind_of_pixel_becomes_one_that_browsers_show() -> None:
    halves = draw_halves((16, 16))
    palette = halves.quantize(4)
    given = {
        "CMYK": write_image(halves.convert("CMYK"), "JPEG", quality=95),
        "palette": write_image(palette, "PNG"),
        "transparent palette": write_image(palette, "PNG", transparency=3),
        "transparent colour": write_image(halves, "PNG", transparency=(1, 2, 3)),
        "several in one": write_image(halves, "MPO", save_all=True, append_images=[halves]),
    }
    for name, content in given.items():
        image = read_image(accept(content).content)
        assert image.mode in ("RGB", "RGBA"), name
        assert find_colour(image, 2, 2) == RED, name
        assert find_colour(image, 2, 12) == BLUE, name


def test_greys_and_single_bits_keep_their_light() -> None:
    grey, deep = Image.new("L", (4, 4), 128), Image.new("I;16", (4, 4), 128 * 257)
    for image in (grey, deep, grey.convert("LA")):
        taken = read_image(accept(write_image(image, "PNG")).content)
        assert taken.getpixel((1, 1)) == (128, 128, 128)
    taken = read_image(accept(write_image(Image.new("1", (4, 4), 1), "PNG")).content)
    assert taken.getpixel((1, 1)) == (255, 255, 255)


def test_a_colour_profile_is_worked_into_the_colours_and_a_broken_one_is_left_out() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, lab, b"no profile"):
        image = read_image(
            accept(write_image(draw_halves((8, 8)), "PNG", icc_profile=profile)).content
        )
        assert "icc_profile" not in image.info
        assert find_colour(image, 2, 1) == RED


def test_what_is_transparent_stays_so_and_is_white_in_renditions() -> None:
    drawing = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    drawing.paste((0, 0, 254, 255), (0, 4, 8, 8))
    taken = accept(write_image(drawing, "PNG"))
    assert read_image(taken.content).getpixel((1, 1))[3] == 0  # type: ignore[index]  # four parts
    shown = read_image(taken.renditions[8])
    assert (shown.format, shown.mode) == ("WEBP", "RGB")
    assert find_colour(shown, 4, 0) == (254, 254, 254)
    assert read_image(accept(write_image(drawing.convert("RGB"), "PNG")).content).mode == "RGB"


def test_a_large_picture_is_kept_smaller_with_renditions_none_wider_than_itself() -> None:
    taken = accept(write_image(draw_halves((3000, 30)), "PNG"))
    assert taken.pixels == (LONGEST_SIDE, 26)
    assert {width: read_image(one).size for width, one in taken.renditions.items()} == {
        320: (320, 3), 640: (640, 6), 1280: (1280, 13)
    }  # fmt: skip
    assert [list_widths(width) for width in (1, 320, 500, 1280, 1281)] == [
        [1], [320], [320, 500], [320, 640, 1280], [320, 640, 1280]
    ]  # fmt: skip
    assert list_renditions("logos/x.png") == list_renditions("elsewhere/1x1.png") == []


MOVING = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
REFUSED = {
    "no JPEG, PNG or WebP": [
        b"x", b"\0" * 64, HIDDEN, b"<svg xmlns='http://www.w3.org/2000/svg'/>", PICTURE[:20],
        b"%PDF-1.7", b"GIF89a" + bytes(64), write_image(MOVING[0], "BMP"),
        write_image(MOVING[0], "TIFF"), write_image(MOVING[0], "AVIF"),

    ],
    "more than 40 megapixels": [
        write_head(6400, 6400), write_head(20_000, 20_000), write_head(2**31 - 1, 2**31 - 1)
    ],
    "more than 5 MB": [PICTURE + bytes(MOST_BYTES)],
    "moves": [
        write_image(MOVING[0], kind, save_all=True, append_images=MOVING[1:])
        for kind in ("PNG", "WEBP")
    ],
    "damaged or incomplete": [
        write_photo()[:-40], write_head(600, 600),
    ],
}  # fmt: skip


@pytest.mark.parametrize("told", REFUSED)
def test_what_cannot_be_taken_is_refused_with_the_reason(told: str) -> None:
    for content in REFUSED[told]:
        with pytest.raises(ValidationError, match=told):
            accept(content)


def test_a_file_that_was_read_already_is_read_from_its_beginning() -> None:
    file: Any = ContentFile(PICTURE, "x")
    file.read()
    assert accept_picture(file).pixels == (1, 1)
    assert BytesIO(accept_picture(file).content).read(4) == b"\x89PNG"
