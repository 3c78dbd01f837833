"""Models of what readers do, on one held-out book of each of some readers: goodbooks10k.

    python benchmarks/behaviour.py --data data [--users 2000] [--set to_read] [--ease]

Prints HR@10 and nDCG@10 with 95 % bootstrap intervals, coverage, and the time to fit as a ratio to implicit's ALS
(pip install implicit, which is not needed by firth). The intervals of one model's gain over another are of the paired
difference, user by user. With --ease the exact reference too, which inverts a matrix of books by books.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

import firth
from firth.data.interaction_tables import read_interactions
from firth.data.interactions import Interactions
from firth.data.sparse import Sparse
from firth.evaluation.ranking import Ranking, figure, judge
from firth.evaluation.splits import Split, leave_one_out
from firth.search.expecting import borrowed, standing
from firth.similarity import normalize
from firth.training.recommenders import ALS, EASE, ItemCosine, Popular, RidgeRecommender, Spectral

SETS = ("to_read", "ratings")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--set", choices=SETS, action="append")
    parser.add_argument("--ease", action="store_true")
    parser.add_argument("--only", nargs="*", default=[""], help="models whose names begin so")
    parser.add_argument(
        "--hidden", metavar="ENCODER", help="also books hidden from training, by their titles"
    )
    asked = parser.parse_args()
    for name in asked.set or SETS:
        interactions = read(asked.data / "goodbooks10k", name)
        split = leave_one_out(interactions, users=asked.users)
        print(f"\n{name}: {interactions!r}, {len(split.users):,} readers with one book held out at random")
        report(split, ease=asked.ease, only=tuple(asked.only))
        if asked.hidden:
            hidden(interactions, asked.data / "goodbooks10k", asked.hidden)


def read(folder: Path, name: str) -> Interactions:
    stars = {"weight": "rating", "at_least": 4} if name == "ratings" else {}
    return read_interactions(folder / f"{name}.csv", user="user_id", item="book_id", **stars)


def report(split: Split, *, ease: bool, only: tuple[str, ...]) -> None:
    found: dict[str, tuple[Ranking, float]] = {}
    for name, fit in models(ease=ease):
        if not name.startswith(only):
            continue
        start = time.perf_counter()
        scores = fit(split.train)
        seconds = time.perf_counter() - start
        ranking = judge(name, scores, split)
        found[name] = ranking, seconds
        print(
            f"  {name:30} HR@10 {ranking.hit_rate}  nDCG@10 {ranking.ndcg}  coverage {ranking.coverage:.2f}"
            f"  fit {seconds:6.1f} s",
            flush=True,
        )
    compare(found)


def compare(found: dict[str, tuple[Ranking, float]]) -> None:
    peers = [name for name in found if name.startswith("implicit")]
    if "item-cosine" not in found or not any(name.startswith("ridge") for name in found):
        return
    ours = max(
        (name for name in found if name.startswith("ridge")), key=lambda name: found[name][0].ndcg.mean
    )
    beaten = ["item-cosine", *([max(peers, key=lambda name: found[name][0].hit_rate.mean)] if peers else [])]
    for peer in beaten:
        gain = (found[ours][0].ranks < 10).astype(float) - (found[peer][0].ranks < 10)
        print(f"  {ours} over {peer}: HR@10 {figure(gain)}")
    if peers:
        seconds = found[beaten[-1]][1]
        ratios = ", ".join(f"{name} {s / seconds:.2g} x" for name, (_, s) in found.items())
        print(f"  time to fit, in that of {beaten[-1]}: {ratios}")


def hidden(
    interactions: Interactions, folder: Path, encoder: str, *, share: float = 0.1, k: int = 10
) -> None:
    """Which of the hidden books does a reader take, of whom the rest is known? Recall@k among the hidden ones."""
    meaning = titles(folder, interactions.items, encoder)
    rng = np.random.default_rng(0)
    is_hidden = rng.random(len(interactions.items)) < share
    whole, shown = interactions.matrix, np.flatnonzero(~is_hidden)
    seen = interactions.only(~is_hidden[interactions.item])
    vectors = Spectral().fit(seen.matrix).item_vectors_
    known = {id: number for number, id in enumerate(interactions.items)}
    places = np.array([known[id] for id in seen.items])
    weights = ridge_map(meaning[places], vectors)
    filled = np.zeros((len(interactions.items), vectors.shape[1]), np.float32)
    filled[places] = vectors
    hide = np.flatnonzero(is_hidden)
    by_neighbours = np.stack([borrowed(meaning[places] @ meaning[book], vectors) for book in hide])
    recalls: dict[str, list[float]] = {}
    for user in rng.permutation(whole.shape[0])[:6000]:
        took = whole.columns[whole.starts[user] : whole.starts[user + 1]]
        wanted, likes = took[is_hidden[took]], took[~is_hidden[took]]
        if not len(wanted) or len(likes) < 3:
            continue
        profile = normalize(filled[likes].sum(0))
        ranked = {
            "at random": rng.random(len(hide)),
            "nearest by text": (meaning[hide] @ meaning[likes].T).max(1),
            "by a ridge map": meaning[hide] @ (weights @ profile),
            "by neighbours": by_neighbours @ profile,
        }
        ranked["text and neighbours"] = standing(ranked["nearest by text"]) + standing(
            ranked["by neighbours"]
        )
        for name, scores in ranked.items():
            best = hide[np.argpartition(-scores, k)[:k]]
            recalls.setdefault(name, []).append(np.isin(wanted, best).mean())
    print(
        f"  {len(hide):,} books hidden, {len(shown):,} learned from, {len(recalls['at random']):,} readers: recall@{k}"
    )
    for name, values in recalls.items():
        print(f"    {name:20} {figure(values)}")


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


Scores = Callable[[Sparse, np.ndarray], np.ndarray]


def models(*, ease: bool) -> Iterator[tuple[str, Callable[[Sparse], Scores]]]:
    """Names, and what fits on a matrix and gives back what scores."""
    ours = [Popular(), ItemCosine()]
    ours += [RidgeRecommender(smoothing=s) for s in (2.0, 20.0)]
    ours += [Spectral(dim=128), Spectral(dim=256), ALS(dim=64), *([EASE()] if ease else [])]
    for model in ours:
        yield model.name, lambda matrix, model=model: known(model.fit(matrix))
    try:
        import implicit  # noqa: F401
    except ImportError:
        print("  (implicit is not installed: pip install implicit)")
        return
    for dim, alpha in ((64, 10), (128, 10), (256, 5)):
        yield f"implicit ALS {dim}", lambda matrix, dim=dim, alpha=alpha: als(matrix, dim, alpha)
    for dim in (64, 128):
        yield f"implicit BPR {dim}", lambda matrix, dim=dim: bpr(matrix, dim)


def known(model: Popular) -> Scores:
    return lambda rows, users: model.scores(rows)


def als(matrix: Sparse, dim: int, alpha: float) -> Scores:
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(dim, regularization=0.05, alpha=alpha, iterations=15, random_state=0)
    model.fit(as_scipy(matrix), show_progress=False)
    return lambda rows, users: model.user_factors[users] @ model.item_factors.T


def bpr(matrix: Sparse, dim: int) -> Scores:
    from implicit.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(dim, iterations=100, random_state=0)
    model.fit(as_scipy(matrix), show_progress=False)
    return lambda rows, users: model.user_factors[users] @ model.item_factors.T


def as_scipy(matrix: Sparse) -> object:
    from scipy.sparse import csr_matrix

    return csr_matrix((matrix.values, matrix.columns, matrix.starts), shape=matrix.shape)


if __name__ == "__main__":
    main()
