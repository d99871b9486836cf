"""Which bytes of a picture changed, as ranges that a display's controller can be sent. Pure.

A frame is a picture as the controllers keep it: pages of 8 rows from the top; in a page one byte a column from the
left; in a byte the top row in the lowest bit (SSD1306 and SH1106 data sheets, "GDDRAM").
"""

from dataclasses import dataclass

from PIL import Image

PAGE_ROWS = 8


@dataclass(frozen=True)
class PictureRange:
    """Pages and columns, each from its first to its last, both included."""

    page_first: int
    page_last: int
    column_first: int
    column_last: int

    @property
    def size_bytes(self) -> int:
        return (self.page_last - self.page_first + 1) * (self.column_last - self.column_first + 1)

    def bytes_of(self, frame: bytes, width_px: int) -> bytes:
        """Its bytes of `frame`, page after page."""
        return b"".join(
            frame[page * width_px + self.column_first : page * width_px + self.column_last + 1]
            for page in range(self.page_first, self.page_last + 1)
        )


def frame_bytes(image: Image.Image) -> bytes:
    """`image` (mode "1", a height that divides by 8) as a frame."""
    columns = image.transpose(Image.Transpose.TRANSPOSE).tobytes("raw", "1;R")
    pages = image.height // PAGE_ROWS
    return b"".join(columns[page::pages] for page in range(pages))


def changed_ranges(
    old: bytes | None, new: bytes, width_px: int, overhead_bytes: int, pages_max: int
) -> list[PictureRange]:
    """What to send so that a display that shows `old` shows `new`; all of it where `old` is None.

    `overhead_bytes` is what a range costs beside its own bytes: unchanged bytes are sent along where that is cheaper.
    `pages_max` is how many pages one range may cover. Ranges may overlap; their order does not matter.
    """
    pages = len(new) // width_px
    found: list[PictureRange] = []
    for page in range(pages):
        row = slice(page * width_px, (page + 1) * width_px)
        for first, last in _changed_runs(old[row] if old is not None else None, new[row], overhead_bytes):
            _add_run(found, PictureRange(page, page, first, last), overhead_bytes, pages_max)
    return found


def _changed_runs(old: bytes | None, new: bytes, gap_max: int) -> list[tuple[int, int]]:
    """Changed columns of one page, first and last; runs with at most `gap_max` unchanged columns between are one."""
    if old is None:
        return [(0, len(new) - 1)]
    if old == new:
        return []
    runs: list[tuple[int, int]] = []
    for column, (before, after) in enumerate(zip(old, new, strict=True)):
        if before != after:
            if runs and column - runs[-1][1] - 1 <= gap_max:
                runs[-1] = (runs[-1][0], column)
            else:
                runs.append((column, column))
    return runs


def _add_run(found: list[PictureRange], run: PictureRange, overhead_bytes: int, pages_max: int) -> None:
    """Grow the first range that ends on the page above where that costs less than a range of its own."""
    for at, above in enumerate(found):
        if above.page_last == run.page_first - 1 and run.page_last - above.page_first < pages_max:
            both = PictureRange(
                above.page_first,
                run.page_last,
                min(above.column_first, run.column_first),
                max(above.column_last, run.column_last),
            )
            if both.size_bytes <= above.size_bytes + run.size_bytes + overhead_bytes:
                found[at] = both
                return
    found.append(run)
