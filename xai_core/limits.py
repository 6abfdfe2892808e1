"""Every limit on what comes in, in one place; the dashboard shows them from here."""

PICTURE_BYTES = 25 * 2**20
PICTURE_PIXELS = 40_000_000
PICTURE_RATIO = 20  # longer side over shorter side
PICTURES_AT_ONCE = 50  # in one visitor's basket
BASKET_PIXELS = 200_000_000  # of all of them together: 600 MB
CHECKPOINT_BYTES = 2**30
CHECKPOINT_TENSORS = 20_000

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")

IN_WORDS = (
    f"Pictures: {', '.join(PICTURE_FORMATS)}; up to {PICTURE_BYTES // 2**20} MB and "
    f"{PICTURE_PIXELS // 1_000_000} megapixels each, no longer than {PICTURE_RATIO} times their width; "
    f"{PICTURES_AT_ONCE} at once."
)

UPLOAD_BYTES = 2**30  # of all files that come at once
UPLOAD_FILES = 20_000
ARCHIVES_AT_ONCE = 50
ARCHIVE_FILES = 20_000
ARCHIVE_BYTES = 4 * 2**30  # unpacked
ARCHIVE_RATIO = 200  # unpacked over packed, of one file

PICTURES_IN_WORDS = (
    f"A zip of up to {UPLOAD_BYTES / 2**30:g} GB with {ARCHIVE_FILES:,} files, or the files themselves. Each picture: "
    f"{', '.join(PICTURE_FORMATS)}; up to {PICTURE_BYTES // 2**20} MB and {PICTURE_PIXELS // 1_000_000} megapixels."
)

TABLES = 20  # of what is known of the pictures of an upload
TABLE_BYTES = 10 * 2**20
TABLE_LINES = 200_000
TABLE_COLUMNS = 30

TABLES_IN_WORDS = (
    "A CSV among them with a column of file names may tell more of each picture: its class, its part of the data, and "
    f"{TABLE_COLUMNS} things to colour a map by."
)
