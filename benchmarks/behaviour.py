"""Models of what readers do, on one held-out book of each of some readers: goodbooks10k.

    python benchmarks/behaviour.py --data data [--set to_read] [--users 2000] [--validate 1000] [--quick] [--ease]
        [--only ridge item-cosine ...] [--hidden use] [--readers 150]

One book of each of 3,000 readers is held out. On 1,000 of these readers the settings of every family of models are
chosen, implicit's too (pip install implicit, which firth does not need), stage by stage, by nDCG@10; each choice is
printed. The best of each family is then fitted once more, alone and by the clock, and judged on the other 2,000:
HR@10 and nDCG@10 with 95 % bootstrap intervals, coverage, seconds to fit, and what a user of firth gets who only calls
`learn_interactions`. The intervals of one model's gain over another are of the paired difference, reader by reader.

--quick takes the first settings of each family. --ease adds the exact reference, which inverts a matrix of books by
books. --hidden ENCODER hides a tenth of the books from training: are they found by `Collection.recommend`, which knows
them by title and author only, among those that a reader took?
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import firth
from firth.data.interaction_tables import read_interactions
from firth.data.interactions import Interactions
from firth.data.sparse import Sparse
from firth.evaluation.ranking import Ranking, figure, judge
from firth.evaluation.splits import Split, leave_one_out
from firth.search.expecting import borrowed, standing
from firth.similarity import normalize
from firth.training.behaviour import learned
from firth.training.recommenders import (
    ALS,
    BPR,
    EASE,
    PMI,
    Item2Vec,
    ItemCosine,
    Popular,
    RidgeRecommender,
    Spectral,
)
from firth.types import Item

SETS = ("to_read", "ratings")
K = 10
Scores = Callable[[Sparse, np.ndarray], np.ndarray]
Settings = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", choices=SETS, action="append")
    parser.add_argument("--users", type=int, default=2000, help="readers that models are judged by")
    parser.add_argument("--validate", type=int, default=1000, help="other readers, to choose settings by")
    parser.add_argument("--quick", action="store_true", help="choose nothing")
    parser.add_argument("--ease", action="store_true")
    parser.add_argument("--only", nargs="*", default=[""], help="families whose names begin so")
    parser.add_argument(
        "--hidden", metavar="ENCODER", help="also books hidden from training, by their titles"
    )
    parser.add_argument("--readers", type=int, default=150, help="that are asked about hidden books")
    asked = parser.parse_args()
    begin = time.perf_counter()
    for name in asked.set or SETS:
        start = time.perf_counter()
        interactions = read(asked.data / "goodbooks10k", name)
        say(f"\n{name}: {interactions!r}, read in {time.perf_counter() - start:.1f} s")
        splits = Splits.of(interactions, test=asked.users, validation=asked.validate)
        report(interactions, splits, families(asked), quick=asked.quick)
        if asked.hidden:
            hidden(interactions, asked.data / "goodbooks10k", asked.hidden, readers=asked.readers)
    say(f"\nthe whole run: {time.perf_counter() - begin:.0f} s")


def say(line: str) -> None:
    print(line, flush=True)


def read(folder: Path, name: str) -> Interactions:
    stars = {"weight": "rating", "at_least": 4} if name == "ratings" else {}
    return read_interactions(folder / f"{name}.csv", user="user_id", item="book_id", **stars)


@dataclass(frozen=True)
class Splits:
    """The same training rows, and what was held out of two kinds of readers."""

    test: Split
    validation: Split

    @staticmethod
    def of(interactions: Interactions, *, test: int, validation: int) -> Splits:
        both = leave_one_out(interactions, users=test + validation)
        order = np.random.default_rng(1).permutation(len(both.users))
        parts = (np.sort(order[:test]), np.sort(order[test:]))
        return Splits(*(replace(both, users=both.users[part], targets=both.targets[part]) for part in parts))


@dataclass(frozen=True)
class Family:
    """Models that differ by settings.

    Attributes:
        name: Of all of them.
        fit: From the training rows and settings to what scores.
        stages: In each, changes of the best settings so far; the first of the first stage is what is begun with.
    """

    name: str
    fit: Callable[[Sparse, Settings], Scores]
    stages: Sequence[Sequence[Settings]] = (({},),)


def ours(model: Callable[..., Any]) -> Callable[[Sparse, Settings], Scores]:
    def fit(matrix: Sparse, settings: Settings) -> Scores:
        fitted = model(**settings).fit(matrix)
        return lambda rows, users: fitted.scores(rows)

    return fit


def families(asked: argparse.Namespace) -> Iterator[Family]:
    strengths = [(1, 20), (1, 2), (5, 20), (1, 50), (100, 2)]
    ridges = [{"penalty": p, "smoothing": s, "popularity": 0.25} for p, s in strengths]
    als_stages = [[{"dim": 64, "penalty": 5, "alpha": 10}, {"penalty": 20}], [{"dim": 128}]]
    bpr_stages = [[{"dim": 64, "penalty": 0.03}, {"penalty": 0.01}]]
    found = [
        Family("popular", ours(Popular)),
        Family("item-cosine", ours(ItemCosine)),
        Family("ridge", ours(RidgeRecommender), [ridges, [{"popularity": 0}, {"popularity": 0.5}]]),
        Family("vectors", ours(Spectral), [[{"dim": 128}, {"dim": 256}]]),
        Family("pmi", ours(PMI), [[{"dim": 128}, {"dim": 256}]]),
        Family("item2vec", ours(Item2Vec)),
        Family("als", ours(ALS), als_stages),
        Family("bpr", ours(BPR), bpr_stages),
        *([Family("ease", ours(EASE), [[{"penalty": p} for p in (100, 300)]])] if asked.ease else []),
        *implicit_families(),
    ]
    yield from (family for family in found if family.name.startswith(tuple(asked.only)))


def implicit_families() -> list[Family]:
    try:
        import implicit  # noqa: F401
    except ImportError:
        say("  (implicit is not installed: pip install implicit)")
        return []
    weights = [(5, 1.0), (5, 50.0), (20, 1.0), (20, 50.0), (60, 50.0)]
    begin = {"factors": 64, "iterations": 15}
    als_stages = [
        [{**begin, "alpha": alpha, "regularization": penalty} for alpha, penalty in weights],
        [{"factors": 128}, {"factors": 256}, {"factors": 512}],
    ]
    begin = {"factors": 64, "learning_rate": 0.05, "regularization": 0.01, "iterations": 50}
    bpr_stages = [[begin, {"learning_rate": 0.02, "iterations": 100}], [{"factors": 128}]]
    return [
        Family("implicit ALS", implicit_als, als_stages),
        Family("implicit BPR", implicit_bpr, bpr_stages),
    ]


def implicit_als(matrix: Sparse, settings: Settings) -> Scores:
    from implicit.als import AlternatingLeastSquares

    return by_factors(AlternatingLeastSquares(**settings, random_state=0), matrix)


def implicit_bpr(matrix: Sparse, settings: Settings) -> Scores:
    from implicit.bpr import BayesianPersonalizedRanking

    return by_factors(BayesianPersonalizedRanking(**settings, random_state=0), matrix)


def by_factors(model: Any, matrix: Sparse) -> Scores:
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    rows = csr_matrix((matrix.values, matrix.columns, matrix.starts), shape=matrix.shape)
    with threadpool_limits(
        1, "blas"
    ):  # as implicit asks for; with threads below its own it is ten times slower
        model.fit(rows, show_progress=False)
    return lambda _, users: model.user_factors[users] @ model.item_factors.T


@dataclass(frozen=True)
class Judged:
    """The best of a family: nDCG@10 where it was chosen and how it did on the others; seconds to fit, and to answer
    and rank all who are judged: the ridge learns nothing beforehand, and does its work then."""

    chosen_by: float
    test: Ranking
    seconds: float
    answering: float

    @property
    def hits(self) -> np.ndarray:
        return (self.test.ranks < K).astype(float)

    @property
    def gains(self) -> np.ndarray:
        return np.where(self.test.ranks < K, 1 / np.log2(2 + self.test.ranks), 0)


def report(interactions: Interactions, splits: Splits, asked: Iterator[Family], *, quick: bool) -> None:
    test, validation = splits.test, splits.validation
    say(f"  judged on {len(test.users):,} readers, settings chosen on {len(validation.users):,} others")
    found = {}
    for family in asked:
        found[family.name] = judged = best_of(family, splits, quick=quick)
        each = 1000 * judged.answering / len(test.users)
        say(f"{line(family.name, judged.test, judged.seconds)}  answer {each:.1f} ms")
    whole = replace(
        interactions, user=test.train.rows, item=test.train.columns, weight=test.train.values, time=None
    )
    start = time.perf_counter()
    kept = learned(whole)
    seconds = time.perf_counter() - start
    ranking = judge("learned", lambda rows, users: kept.ridge.scores(rows), test)
    say(line("learn_interactions, all of it", ranking, seconds))
    say(f"      kept {kept.report.chosen}; of its ten nearest, by vector too: {kept.report.agreement:.2f}")
    compare(found, {name: judged.seconds for name, judged in found.items()} | {"learn_interactions": seconds})


def line(name: str, ranking: Ranking, seconds: float) -> str:
    figures = f"HR@10 {ranking.hit_rate}  nDCG@10 {ranking.ndcg}  coverage {ranking.coverage:.2f}"
    return f"  {name:30} {figures}  fit {seconds:6.1f} s"


def best_of(family: Family, splits: Splits, *, quick: bool) -> Judged:
    first = family.stages[0][0]
    best, found = dict(first), 0.0
    train = splits.test.train
    tried: list[str] = []
    if not quick and sum(map(len, family.stages)) > 1:
        for stage in family.stages:
            options = [{**best, **change} for change in stage]
            by_figure = {i: chosen_by(family, train, splits.validation, one) for i, one in enumerate(options)}
            tried += [f"{short(options[i])} {value:.3f}" for i, value in by_figure.items()]
            top = max(by_figure, key=lambda i: by_figure[i])
            if by_figure[top] > found:
                best, found = options[top], by_figure[top]
        say(f"    {family.name}, nDCG@10 on the others: {'; '.join(tried)}")
        say(f"    {family.name}: {short(best)}")
    start = time.perf_counter()
    scores = family.fit(train, best)
    seconds = time.perf_counter() - start
    found = found or judge(family.name, scores, splits.validation).ndcg.mean
    start = time.perf_counter()
    ranking = judge(family.name, scores, splits.test)
    return Judged(found, ranking, seconds, time.perf_counter() - start)


def chosen_by(family: Family, train: Sparse, validation: Split, settings: Settings) -> float:
    return judge(family.name, family.fit(train, settings), validation).ndcg.mean


def short(settings: Settings) -> str:
    return " ".join(f"{name}={value:g}" for name, value in settings.items())


def compare(found: dict[str, Judged], seconds: dict[str, float]) -> None:
    """Gains of each of ours over item-cosine and over the better of implicit's, as the other readers had it."""
    peers = [name for name in found if name.startswith("implicit")]
    beaten = [name for name in ("item-cosine",) if name in found]
    if peers:
        beaten.append(max(peers, key=lambda name: found[name].chosen_by))
    for peer in beaten:
        say(f"  gain over {peer}, paired:")
        for name in found:
            if name not in (*peers, peer, "popular"):
                hits = figure(found[name].hits - found[peer].hits)
                gains = figure(found[name].gains - found[peer].gains)
                say(f"    {name:28} HR@10 {hits}  nDCG@10 {gains}")
    if peers:
        base = seconds[beaten[-1]]
        ratios = ", ".join(f"{name} {spent / base:.2g}" for name, spent in seconds.items())
        say(f"  time to fit, in times that of {beaten[-1]}: {ratios}")


def hidden(
    interactions: Interactions, folder: Path, encoder: str, *, readers: int, share: float = 0.1
) -> None:
    """Which of the hidden books does a reader take, of whom the rest is known? Recall@10 among the hidden ones."""
    start = time.perf_counter()
    meaning = titles(folder, interactions.items, encoder)
    rng = np.random.default_rng(0)
    is_hidden = rng.random(len(interactions.items)) < share
    seen, hide = interactions.only(~is_hidden[interactions.item]), np.flatnonzero(is_hidden)
    say(f"  {len(hide):,} books hidden; learning from {seen!r}")
    with TemporaryDirectory() as store:
        books = collection(store, interactions.items, meaning, seen)
        say(f"  a collection that learned from them: {time.perf_counter() - start:.0f} s")
        ways = Ways(books, interactions, meaning, hide)
        start = time.perf_counter()
        recalls = recalled(ways, interactions, is_hidden, readers)
    asked, seconds = len(recalls["firth recommend"]), time.perf_counter() - start
    say(f"  {asked:,} readers asked in {seconds:.0f} s: recall@{K} of the hidden books each took")
    for name, values in recalls.items():
        gain = figure(np.array(values) - recalls["nearest by text"])
        say(f"    {name:24} {figure(values)}  over nearest by text {gain}")


def recalled(
    ways: Ways, interactions: Interactions, is_hidden: np.ndarray, readers: int
) -> dict[str, list[float]]:
    """Of readers by chance who took a hidden book and three others: the share found of the hidden ones, by each way."""
    rng = np.random.default_rng(1)
    recalls: dict[str, list[float]] = {}
    asked = 0
    for user in rng.permutation(len(interactions.users)):
        took = interactions.matrix.taken(np.array([user])).columns
        wanted, likes = took[is_hidden[took]], took[~is_hidden[took]]
        if not len(wanted) or len(likes) < 3:
            continue
        for name, best in ways.of(interactions.users[user], likes, rng).items():
            recalls.setdefault(name, []).append(float(np.isin(wanted, best).mean()))
        asked += 1
        if asked == readers:
            break
    return recalls


def collection(store: str, ids: Sequence[str], meaning: np.ndarray, seen: Interactions) -> firth.Collection:
    books = firth.open(str(Path(store) / "books"))
    books.add(
        [Item(id, text=id, vectors={"meaning": vector}) for id, vector in zip(ids, meaning, strict=True)]
    )
    books.learn_interactions(seen)
    return books


class Ways:
    """Ways to find books that nobody took, each giving the places of ten."""

    def __init__(
        self, books: firth.Collection, interactions: Interactions, meaning: np.ndarray, hide: np.ndarray
    ) -> None:
        self.books, self.meaning, self.hide = books, meaning, hide
        self.places = {id: place for place, id in enumerate(interactions.items)}
        hidden_ones = np.isin(interactions.item, hide)
        seen = interactions.only(~hidden_ones)
        known = np.array([self.places[id] for id in seen.items])
        vectors = Spectral().fit(seen.matrix).item_vectors_
        self.filled = np.zeros((len(meaning), vectors.shape[1]), np.float32)
        self.filled[known] = vectors
        self.map = ridge_map(meaning[known], vectors)
        self.neighbours = np.stack([borrowed(meaning[known] @ meaning[book], vectors) for book in hide])

    def of(self, user: str, likes: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
        profile = normalize(self.filled[likes].sum(0))
        text = (self.meaning[self.hide] @ self.meaning[likes].T).max(1)
        ranked = {
            "at random": rng.random(len(self.hide)),
            "nearest by text": text,
            "by a ridge map": self.meaning[self.hide] @ (self.map @ profile),
            "by neighbours": self.neighbours @ profile,
            "text and neighbours": standing(text) + standing(self.neighbours @ profile),
        }
        best = {name: self.hide[np.argpartition(-scores, K)[:K]] for name, scores in ranked.items()}
        found = self.books.recommend(user=user, k=K, new=K)
        return {"firth recommend": np.array([self.places[id] for id in found.ids]), **best}


def ridge_map(meaning: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The linear map that firth does not use, for comparison."""
    inputs, outputs = meaning - meaning.mean(0), vectors - vectors.mean(0)
    gram = inputs.T @ inputs
    gram += 0.1 * np.trace(gram) / len(gram) * np.eye(len(gram), dtype=np.float32)
    return np.linalg.solve(gram, inputs.T @ outputs)


def titles(folder: Path, ids: Sequence[str], encoder: str) -> np.ndarray:
    """Unit vectors of the books' titles and authors, ``(n, d)``."""
    with (folder / "books.csv").open(encoding="utf-8", newline="") as file:
        texts = {row["book_id"]: f"{row['title']}\n{row['authors']}" for row in csv.DictReader(file)}
    return normalize(firth.encoder(encoder, cache=True).encode([texts[id] for id in ids]))


if __name__ == "__main__":
    main()
