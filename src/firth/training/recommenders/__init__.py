"""Models of what people take: what comes out is a score for every item, for people they have never seen too.

`popular` and `item_cosine` are what a model must beat; `ridge` is what `firth.train.interactions` chooses from, for it
needs nothing but the interactions; `ease` is its exact reference; `als` and `spectral` give vectors.
"""

from firth.training.recommenders.als import ALS
from firth.training.recommenders.base import Recommender
from firth.training.recommenders.baselines import ItemCosine, Popular
from firth.training.recommenders.ease import EASE
from firth.training.recommenders.ridge import RidgeRecommender
from firth.training.recommenders.spectral import Spectral

__all__ = ["ALS", "EASE", "ItemCosine", "Popular", "Recommender", "RidgeRecommender", "Spectral"]
