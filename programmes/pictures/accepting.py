"""Takes in an uploaded picture: what it is says its content alone, and nothing but pixels is kept.

It is drawn anew, so nothing else that was in the file is left: where a photo was taken, remarks,
and whatever was hidden behind it.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from threading import Lock
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms
from PIL.Image import Transpose

from programmes.pictures.names import Size, list_widths

MOST_BYTES = 5 << 20
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2560  # pixels, of what is kept: twice the widest rendition
SUFFIXES = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp"}
# A photo with others behind it, as phones make them, is read as MPO. The first is the photo.
FORMATS = ("JPEG", "PNG", "WEBP")
ORIENTATION = 0x0112  # the tag of EXIF that says how a camera was held
TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
HOW_KEPT: dict[str, dict[str, Any]] = {
    "jpg": {"format": "JPEG", "quality": 90, "optimize": True, "progressive": True},
    "png": {"format": "PNG"},
    "webp": {"format": "WEBP", "quality": 90},
}
OPAQUE = 255  # of a pixel
HOW_SHOWN: dict[str, Any] = {"format": "WEBP", "quality": 80}

WHAT_IS_TAKEN = _("JPEG, PNG or WebP, up to 5 MB and 40 megapixels. Where a photo was taken and "
                  "other remarks in the file are removed.")  # fmt: skip
TOO_HEAVY = _("This picture has more than 5 MB. Make it smaller, or save it as JPEG.")
TOO_LARGE = _("This picture has more than 40 megapixels. Make it smaller.")
NO_PICTURE = _("This is no JPEG, PNG or WebP picture. Save it as one of these.")
MOVES = _("This picture moves. Choose one that stands still.")
BROKEN = _("This picture is damaged or incomplete. Save it anew, and choose it again.")

# Decoded, a picture takes up to a few hundred megabytes. So a process looks at one at a time.
ONE_AT_A_TIME = Lock()


class CleanPicture(ContentFile):
    """A picture that was taken in, or that the site has stored; its name says size and kind."""

    def __init__(self, content: bytes, name: str, size: Size) -> None:
        super().__init__(content, name)
        self.content = content
        self.pixels = size
        self.width, self.height = size

    @cached_property
    def renditions(self) -> dict[int, bytes]:
        """The picture as WebP, by width in pixels."""
        return draw_renditions(self.content, self.pixels)


def accept_picture(file: Any) -> CleanPicture:
    """Return an uploaded picture, cleaned; raise ValidationError if it cannot be taken."""
    if isinstance(file, CleanPicture):
        return file
    if file.size > MOST_BYTES:
        raise ValidationError(TOO_HEAVY, "too_heavy")
    with ONE_AT_A_TIME:
        suffix, image = read_image(file)
        kept = BytesIO()
        image.save(kept, **HOW_KEPT[suffix])
    size = Size(*image.size)
    return CleanPicture(kept.getvalue(), f"{size.width}x{size.height}.{suffix}", size)


def read_image(file: Any) -> tuple[str, Image.Image]:
    """Return the suffix of a picture and its pixels in sRGB, as it is to be looked at."""
    file.seek(0)
    with refused(NO_PICTURE):
        image = open_image(file)
    refuse_size(image)
    with refused(BROKEN):
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            raise ValidationError(MOVES, "moves")
        orientation = find_orientation(image)
        suffix = SUFFIXES[str(image.format)]
        image = convert_to_srgb(shrink(image))
        turn = TURNS.get(orientation)
        image = image if turn is None else image.transpose(turn)
    image.info.clear()  # else it would be written again
    return suffix, image


@contextmanager
def refused(told: Any) -> Iterator[None]:
    """Say in our words what is wrong with a file, of which Pillow says it in too many ways."""
    try:
        yield
    except (ValidationError, MemoryError):
        raise
    except Exception as error:
        raise ValidationError(told, "unreadable") from error


def open_image(file: Any) -> Image.Image:
    """Read the head of a picture; raise ValidationError if it says that it is far too large."""
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            return Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ValidationError(TOO_LARGE, "too_large") from error


def refuse_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise ValidationError(TOO_LARGE, "too_large")


def find_orientation(image: Image.Image) -> int:
    """Return how a camera was held; 1 if that is not said, or not in a way that can be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except (ValueError, TypeError, SyntaxError, KeyError, OSError):
        return 1


def shrink(image: Image.Image) -> Image.Image:
    """Decode a picture, and make it no larger than it is kept."""
    if image.mode.startswith(("I", "F")):  # sixteen bits for each pixel
        image = scale_down_bits(image)
    elif image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK") or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    return image


def scale_down_bits(image: Image.Image) -> Image.Image:
    """Return a picture of grey in sixteen bits as one in eight."""
    told = image.info
    image = image.convert("I").point(lambda value: value / 257).convert("L")
    image.info = told
    return image


def convert_to_srgb(image: Image.Image) -> Image.Image:
    """Return a picture in the colours that browsers take it to have, transparent where it was."""
    profile = image.info.get("icc_profile")
    alpha = image.getchannel("A") if "A" in image.getbands() else None
    colours = image.convert(image.mode.removesuffix("A")) if alpha else image
    converted = apply_profile(colours, profile) if profile else None
    result = converted or colours.convert("RGB")
    if alpha and alpha.getextrema()[0] != OPAQUE:
        result.putalpha(alpha)
    return result


def apply_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Return a picture of a colour profile in sRGB; None if the profile is not one for it."""
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, given, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


# --- Renditions -----------------------------------------------------------------------------------


def draw_renditions(content: bytes, size: Size) -> dict[int, bytes]:
    """Return a picture of the site in smaller forms, by width; what is transparent is white.

    So a dark drawing can be seen in the dark theme too. Raise ValidationError if it is broken.
    """
    with refused(BROKEN):
        image = open_image(BytesIO(content))
        refuse_size(image)
        flat = put_on_white(image) if image.has_transparency_data else image.convert("RGB")
        return {
            width: draw_rendition(flat, size.scale_to(width)) for width in list_widths(size.width)
        }


def put_on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


def draw_rendition(image: Image.Image, size: Size) -> bytes:
    written = BytesIO()
    image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0).save(written, **HOW_SHOWN)
    return written.getvalue()
