"""Pictures for tests of uploads: a small one, and how others are drawn and read."""

from base64 import b64decode
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

# A PNG file of one red pixel.
PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


def write_image(image: Image.Image, kind: str, **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def read_image(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def is_drawn_like(content: bytes, other: bytes = PICTURE) -> bool:
    """Whether two files show the same, as after the site has drawn one of them anew."""
    images = [read_image(one).convert("RGB") for one in (content, other)]
    return images[0].size == images[1].size and images[0].tobytes() == images[1].tobytes()


def draw_halves(size: tuple[int, int]) -> Image.Image:
    """Return a picture whose upper half is red, and its lower half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0], size[1] // 2))
    return image


def make_large(**fields: Any) -> dict[str, Any]:
    """Return the fields of a programme with a picture that has several renditions."""
    told = {"logo_alt": "Red above blue", "logo_credit": "Cog Club", "logo_licence": "CC BY 4.0"}
    picture = write_image(draw_halves((800, 400)), "PNG")
    return {"logo": SimpleUploadedFile("cog.png", picture), **told, **fields}
