"""Draw what `firth demo` prints as docs/demo.svg.

python scripts/make_demo_picture.py
"""

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

TARGET = Path(__file__).parent.parent / "docs" / "demo.svg"
WIDTH = 84
SHOWN = 3  # of the demo's searches

with tempfile.TemporaryDirectory() as home:
    environment = {**os.environ, "FIRTH_HOME": home, "COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}
    printed = subprocess.run(
        [sys.executable, "-m", "firth", "demo"], env=environment, capture_output=True, text=True, check=True
    ).stdout
searches = printed.split("\n\n")
lines = "\n\n".join(searches[1 : 2 + SHOWN]).replace(str(Path(sys.prefix)), ".venv")
console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
console.print(Text.from_ansi("$ firth demo\n" + lines))
svg = console.export_svg(title="firth demo")
svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)  # they name fonts on other sites
TARGET.write_text(svg.replace("Fira Code, monospace", "monospace"), encoding="utf-8")
