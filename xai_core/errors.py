"""Failures a person can act on; `str(error)` says what is wrong, with which file, and what to do next.

A request is a value: where its answer is refused for what it asks, asking again changes nothing. Only the kinds with
`again` may end otherwise another time, for they come of what lies around it: files, the disk, memory.

XaiError
├── UnreadablePicture   the file is not a picture we can show truthfully
├── UnsupportedMethod   the method has no meaning for this classifier
├── MissingWeights      a weight file is not where it should be, or is damaged
├── UnknownModel        no model of that name
├── UnusableModel       an uploaded model, or its class names, cannot be used truthfully
├── OutOfMemory         not even one picture fits on the device
├── UnusableData        a data set that a model cannot be trained or judged on
├── UnusableConcept     a concept, or what one is to be made of, does not do for what was asked
└── LibraryError        the library on disk, or an entry of it, cannot be used as asked
"""

from typing import ClassVar

_NO_MEMORY = (
    *("out of memory", "not enough memory", "can't allocate memory", "Cannot allocate memory"),
    *("can't start new thread", "failed to map segment"),  # as Python and the system's linker tell it
)


class XaiError(Exception):
    """Base of every expected failure."""

    again: ClassVar[bool] = False  # the very same request may be answered another time


class UnreadablePicture(XaiError):
    """The file cannot be decoded safely and truthfully."""


class UnsupportedMethod(XaiError):
    """The method cannot explain this classifier, for the stated reason."""


class MissingWeights(XaiError):
    """A classifier's weight file is absent, unfinished or damaged."""

    again = True


class UnknownModel(XaiError):
    """The table of models has no such name."""


class OutOfMemory(XaiError):
    """The device ran out of memory even for a batch of one."""

    again = True


class LibraryError(XaiError):
    """The library on disk, or an entry of it, cannot be used as asked."""

    again = True


class UnusableData(XaiError):
    """A data set lacks what training or evaluation needs, for the stated reason."""


class UnusableModel(XaiError):
    """An uploaded model, or its class names, cannot be used truthfully."""


class UnusableConcept(XaiError):
    """A concept, or what one is to be made of, does not do for what was asked."""


def out_of_memory(error: Exception) -> bool:
    """Whether memory ran out: the CPU's allocator and Apple's have no error type of their own."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError | ImportError | OSError) and any(each in str(error) for each in _NO_MEMORY)
    )
