"""Failures a person can act on; `str(error)` says what is wrong, with which file, and what to do next.

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


class XaiError(Exception):
    """Base of every expected failure."""


class UnreadablePicture(XaiError):
    """The file cannot be decoded safely and truthfully."""


class UnsupportedMethod(XaiError):
    """The method cannot explain this classifier, for the stated reason."""


class MissingWeights(XaiError):
    """A classifier's weight file is absent, unfinished or damaged."""


class UnknownModel(XaiError):
    """The table of models has no such name."""


class OutOfMemory(XaiError):
    """The device ran out of memory even for a batch of one."""


class LibraryError(XaiError):
    """The library on disk, or an entry of it, cannot be used as asked."""


class UnusableData(XaiError):
    """A data set lacks what training or evaluation needs, for the stated reason."""


class UnusableModel(XaiError):
    """An uploaded model, or its class names, cannot be used truthfully."""


class UnusableConcept(XaiError):
    """A concept, or what one is to be made of, does not do for what was asked."""
