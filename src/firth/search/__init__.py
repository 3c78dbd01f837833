"""Search: by words, by pictures, by examples, with filters; what is near, what is nearly the same.

In reading order: `request` is what a person asks, `question` what the store is asked, `ranking` weighs the
answers, `calibration` says what a score means, `finding` puts it together, `hits` is what comes back.
"""

from firth.search.calibrating import calibrate
from firth.search.calibration import Calibration
from firth.search.corpus import Corpus
from firth.search.duplicates import duplicates
from firth.search.finding import search, similar
from firth.search.hits import Hits
from firth.search.request import Mode, Request

__all__ = ["Calibration", "Corpus", "Hits", "Mode", "Request", "calibrate", "duplicates", "search", "similar"]
