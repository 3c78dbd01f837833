"""Models of what people take: what comes out is a score for every item, for people they have never seen too.

`popular` and `item_cosine` are what a model must beat; `ridge` is what `firth.train.interactions` chooses from, for it
needs nothing but the interactions; `ease` is its exact reference; `als` and `bpr` give vectors of both sides,
`spectral`, `pmi` and `item2vec` vectors of items.
"""

from firth.training.recommenders.als import ALS
from firth.training.recommenders.base import Recommender
from firth.training.recommenders.baselines import ItemCosine, Popular
from firth.training.recommenders.bpr import BPR
from firth.training.recommenders.ease import EASE
from firth.training.recommenders.item2vec import Item2Vec
from firth.training.recommenders.pmi import PMI
from firth.training.recommenders.ridge import RidgeRecommender
from firth.training.recommenders.spectral import Spectral

__all__ = [
    "ALS",
    "BPR",
    "EASE",
    "PMI",
    "Item2Vec",
    "ItemCosine",
    "Popular",
    "Recommender",
    "RidgeRecommender",
    "Spectral",
]
