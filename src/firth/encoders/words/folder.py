"""The folder of word vectors: ``words.json`` says what it is, the words and their arrays lie beside it.

words.json            format version, how they were trained
words.txt             a word a line, the most frequent first
words.safetensors     vectors, contexts, counts, pieces: a row a word (or a bucket)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from firth.encoders.joint_folder import write_arrays
from firth.errors import UnreadableError

__all__ = ["FORMAT", "NOTES", "is_words_folder", "read_folder", "write_folder"]

FORMAT = 1
"""The version of the folder's layout; a folder of a newer one is refused."""
NOTES, WORDS, ARRAYS = "words.json", "words.txt", "words.safetensors"


def is_words_folder(folder: Path) -> bool:
    """Whether word vectors lie there."""
    return (folder / NOTES).is_file()


def read_folder(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays by name, and the notes with the tuple of words as ``"words"``.

    Raises:
        UnreadableError: It is no such folder, damaged, or of a newer format.
    """
    from safetensors.numpy import load

    if not is_words_folder(folder):
        raise UnreadableError(
            f"{folder}: no word vectors there ({NOTES} is missing). Next: firth words train CORPUS -o {folder}"
        )
    try:
        notes = json.loads((folder / NOTES).read_text("utf-8"))
        version = int(notes["format"])
        if version <= FORMAT:
            notes["words"] = tuple((folder / WORDS).read_text("utf-8").split("\n")[:-1])
            return dict(load((folder / ARRAYS).read_bytes())), notes
    except Exception as error:  # safetensors' own error has no public base
        raise UnreadableError(f"{folder}: damaged ({error!r}). Next: train the word vectors again") from error
    raise UnreadableError(
        f"{folder}: word vectors of format {version}; this firth reads up to {FORMAT}. "
        "Next: pip install --upgrade firth"
    )


def write_folder(
    folder: Path, words: Sequence[str], arrays: Mapping[str, Any], notes: Mapping[str, Any]
) -> None:
    """Write the folder; `words.json` comes last, so that half a folder is none."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTES).unlink(missing_ok=True)
    write_arrays(folder / ARRAYS, arrays)
    with (folder / WORDS).open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{word}\n" for word in words)
    text = json.dumps({**notes, "format": FORMAT, "kind": "words"}, ensure_ascii=False, indent=1)
    (folder / NOTES).write_text(text, "utf-8")
