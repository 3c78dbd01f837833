"""Learn: what is trained here gives back encoders as light as those that come with firth.

`pairs` learns from captioned pictures. In reading order: `captions` reads them, `features` looks at them (with
`views`), `examples` holds what is learned from, `start` begins with a ridge regression, `fitting` goes on with a
contrastive loss (`batches`, `layers`, `losses`, `adamw`), `recall` judges, `report` tells.

`words` learns vectors of words from text; its rooms are in `skipgram`. `interactions` learns from who took what; its
models are in `recommenders`, and `learn_interactions` puts what was learned into a collection.
"""

from firth.training.fitting import Epoch, fit
from firth.training.interactions import interactions, learn_interactions
from firth.training.listening import Listener
from firth.training.pairs import pairs
from firth.training.report import PairsReport, TowerReport
from firth.training.settings import Settings
from firth.training.words import words

__all__ = [
    "Epoch",
    "Listener",
    "PairsReport",
    "Settings",
    "TowerReport",
    "fit",
    "interactions",
    "learn_interactions",
    "pairs",
    "words",
]
