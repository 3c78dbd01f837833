"""Learn: what is trained here gives back encoders as light as those that come with firth.

`pairs` learns from captioned pictures. In reading order: `captions` reads them, `features` looks at them (with
`views`), `examples` holds what is learned from, `start` begins with a ridge regression, `fitting` goes on with a
contrastive loss (`batches`, `layers`, `losses`, `adamw`), `recall` judges, `report` tells.
"""

from firth.training.fitting import Epoch, fit
from firth.training.listening import Listener
from firth.training.pairs import pairs
from firth.training.report import PairsReport, TowerReport
from firth.training.settings import Settings

__all__ = ["Epoch", "Listener", "PairsReport", "Settings", "TowerReport", "fit", "pairs"]
