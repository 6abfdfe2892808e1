"""What a file really is, whatever its name says: told from its first bytes."""

from __future__ import annotations

import re
from typing import NamedTuple

from xai_core.errors import UnreadablePicture
from xai_core.limits import PICTURE_FORMATS

AS_PICTURE = "Save it as JPEG or PNG and drop it again"
REPAIR = "Open it in a picture program, save it as JPEG or PNG, and drop that"
AGAIN = "Get or save the file once more and drop it again"
NOT_A_PICTURE = f"Drop a picture instead ({', '.join(PICTURE_FORMATS)})"


class Refusal(UnreadablePicture):
    """Why a file is refused, as the rest of a sentence that begins with its name, and what to do next."""

    def __init__(self, cause: str, advice: str) -> None:
        super().__init__(f"{cause}. {advice}.")


class Kind(NamedTuple):
    """`name` is one of `PICTURE_FORMATS`, or "" for everything that is refused as `Refusal(cause, advice)`."""

    name: str
    cause: str = ""
    advice: str = ""


_SIGNATURES = (
    (rb"\xff\xd8\xff", Kind("JPEG")),
    (rb"\x89PNG\r\n\x1a\n", Kind("PNG")),
    (rb"GIF8[79]a", Kind("GIF")),
    (rb"RIFF....WEBP", Kind("WEBP")),
    (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", Kind("BMP")),
    (rb"(II[*+]\0|MM\0[*+])", Kind("TIFF")),
)
_OTHER_PICTURES = (
    (rb"....ftyp(avif|avis)", "an AVIF file"),
    (rb"....ftyp(hei[cfmsx]|hev[cmsx]|mif1|msf1)", "an HEIC file"),
    (rb"(\0\0\0\x0cjP  |\xff\x4f\xff\x51)", "a JPEG 2000 file"),
    (rb"(\xff\x0a|\0\0\0\x0cJXL )", "a JPEG XL file"),
    (rb"....ftyp", "a video"),
    (rb"(\x1aE\xdf\xa3|RIFF....AVI )", "a video"),
    (rb"%PDF-", "a PDF document"),
    (rb"(%!PS|\xc5\xd0\xd3\xc6)", "a PostScript (EPS) file"),
    (rb"8BPS", "a Photoshop file"),
    (rb"SIMPLE  =", "a FITS file"),
    (rb"(\xd7\xcd\xc6\x9a|\x01\x00\x00\x00.{36} EMF)", "a Windows metafile"),
    (rb"\x00\x00[\x01\x02]\x00", "a Windows icon"),
    (rb".{128}DICM", "a DICOM file"),
    (rb"P[1-7]\s", "a PNM file"),
)
_ARCHIVE = "Unpack it and drop the pictures inside"
_NO_PICTURES = (
    (rb"PK\x03\x04.{26}[^/]{1,80}/data\.pkl", "a PyTorch model file", NOT_A_PICTURE),
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "a zip archive (or an office document)", _ARCHIVE),
    (rb"\x1f\x8b", "a gzip archive", _ARCHIVE),
    (rb"Rar!", "a RAR archive", _ARCHIVE),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _ARCHIVE),
    (rb".{257}ustar", "a tar archive", _ARCHIVE),
    (rb"(MZ|\x7fELF)", "a program", NOT_A_PICTURE),
    (rb"version https://git-lfs", "a Git LFS placeholder", "Run `git lfs pull` and drop the real picture"),
    (rb"\0+$", "nothing but zero bytes", AGAIN),
)
_MARKUP = (
    (rb"<svg[\s>]", "an SVG drawing: vector images are not supported", AS_PICTURE),
    (rb"<(!doctype\s+html|html|head|body|script|div|p|a)[\s>]", "a web page", "Save the picture itself and drop that"),
    (rb"<\?xml", "an XML text", NOT_A_PICTURE),
)
_CAMERA_RAW = {"arw", "cr2", "dng", "nef", "nrw", "orf", "pef", "rw2", "srw"}


def kind_of(data: bytes, ending: str) -> Kind:
    """What the bytes are; `ending` (lower case, no dot) only tells a camera's raw file from a TIFF."""
    head = data[:4096]
    for pattern, kind in _SIGNATURES:
        if re.match(pattern, head, re.DOTALL):
            if kind.name == "TIFF" and ending in _CAMERA_RAW:
                return Kind("", "is a camera's raw file, which we cannot read", AS_PICTURE)
            return kind
    for pattern, words in _OTHER_PICTURES:
        if re.match(pattern, head, re.DOTALL):
            return Kind("", f"is {words}, which we cannot read yet", AS_PICTURE)
    for pattern, words, advice in _NO_PICTURES:
        if re.match(pattern, head, re.DOTALL):
            return Kind("", f"is not a picture but {words}", advice)
    return _text(head) or Kind("", "is not a picture: its content is of no kind we know", NOT_A_PICTURE)


def _text(head: bytes) -> Kind | None:
    start = head.lower().lstrip(b"\xef\xbb\xbf \t\r\n")
    for pattern, words, advice in _MARKUP:
        if start.startswith(b"<") and re.search(pattern, start):
            return Kind("", f"is {words}" if "SVG" in words else f"is not a picture but {words}", advice)
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" or byte >= 128 for byte in head)
    if len(head) > 1 and printable == len(head) and not _undecodable(head):
        return Kind("", "is not a picture but plain text", NOT_A_PICTURE)
    return None


def _undecodable(head: bytes) -> bool:
    # a letter may be cut in two at the end of the excerpt
    return "\ufffd" in head.decode("utf-8", errors="replace")[:-3]
