"""Words known by the company they keep: skip-gram and CBOW with negative sampling.

In reading order: `loss` states what is minimised; `settings` what can be chosen; `corpus` reads texts, `segmentation`
learns the words of Chinese, `spool` turns text into numbers, `phrases` joins, `vocabulary` trims; `rows` are what is
learned, `steps` how, by the kernel or by numpy; `fitting` runs the epochs, `report` tells.
"""

from firth.training.skipgram.report import Speed, WordsListener, WordsReport
from firth.training.skipgram.settings import Settings

__all__ = ["Settings", "Speed", "WordsListener", "WordsReport"]
