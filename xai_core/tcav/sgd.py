"""The linear classifier of TF-TCAV and Captum: scikit-learn's SGDClassifier with their settings, one fit at a time."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_core.tcav.settings import SGD


def sgd_fits(gram: Tensor, seeds: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Weights (S, T) of the pictures' rows and intercepts (S,), from Gram matrices (S, T, T) of uncentred rows.

    Steps of gradient descent from 0 stay among the rows and depend on their products alone. So each fit gets its T
    pictures in coordinates of T numbers, of the same products, in place of D: the same steps, sooner. The first half
    of a row's pictures is the concept.
    """
    from sklearn.linear_model import SGDClassifier

    values, vectors = torch.linalg.eigh(gram)
    roots = values.clamp(min=0).sqrt()
    coordinates = (vectors * roots[:, None, :]).cpu().numpy()
    labels = np.repeat([1, 0], gram.shape[1] // 2)
    normals, intercepts = np.empty(coordinates.shape[:2]), np.empty(len(coordinates))
    for number, (rows, seed) in enumerate(zip(coordinates, seeds, strict=True)):
        fitted = SGDClassifier(random_state=int(seed), **SGD).fit(rows, labels)
        normals[number], intercepts[number] = fitted.coef_[0], fitted.intercept_[0]
    # of coordinates that are 0 for every picture the normal has nothing
    flat = roots <= 1e-7 * roots.amax(1, keepdim=True)
    shares = torch.where(flat, 0.0, torch.from_numpy(normals).to(gram) / torch.where(flat, 1.0, roots))
    return (vectors @ shares[:, :, None])[:, :, 0], torch.from_numpy(intercepts).to(gram)
