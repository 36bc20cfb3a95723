"""The skill that makes baby versions: named files and what they lead to stay, the rest goes, or nothing does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from maquette.skills.folders import BUILT_IN

SCRIPT = BUILT_IN / "baby-version" / "scripts" / "baby_version.py"
SHOP = {
    "README.md": "A shop\n",
    "shop/__init__.py": "",
    "shop/basket.py": "from shop.money import rounded\nfrom . import tax\n\n\ndef total(x):\n    return tax.on(x)\n",
    "shop/money.py": "def rounded(x):\n    return round(x, 2)\n",
    "shop/tax.py": "import json\n\n\ndef on(x):\n    return x * 1.19\n",
    "shop/mail.py": "import shop.money\n",
    "tests/test_basket.py": "from shop.basket import total\n",
    "tests/test_mail.py": "import shop.mail\n",
    "web/index.html": '<link href="style.css?v=2"><script src="/web/app.js"></script><a href="https://x.org/y.html">y</a>',
    "web/style.css": "body { background: url('paper.png') }",
    "web/paper.png": "png",
    "web/app.js": "import { pay } from './pay'\n",
    "web/pay.js": "export const pay = 1\n",
    "web/admin.html": "admin",
}
CHECK = f"'{sys.executable}' -B -c 'import shop.basket'"


def made(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    for path, text in SHOP.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    words = (sys.executable, "-B", str(SCRIPT), *words)
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=30, check=False)


def held(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_named_files_and_what_they_lead_to_stay_and_the_rest_is_cut(tmp_path: Path) -> None:
    ran = made(tmp_path, "--request", "A baby version: keep ./shop/basket.py and web/index.html.", "--check", CHECK)
    assert ran.returncode == 0, ran.stderr
    cut = {"shop/mail.py", "tests/test_mail.py", "web/admin.html"}
    assert held(tmp_path) == SHOP.keys() - cut
    assert "11 of 14 files" in ran.stdout
    assert "- `shop/tax.py`: `shop/basket.py` leads to it" in ran.stdout
    assert "- `tests/test_basket.py`: tests what is kept" in ran.stdout


def test_where_a_check_passes_no_more_nothing_is_cut_and_it_says_so(tmp_path: Path) -> None:
    hidden = f"'{sys.executable}' -B -c '__import__(\"shop\" + \".mail\")'"
    ran = made(tmp_path, "--keep", "shop/basket.py", "--check", hidden)
    assert ran.returncode == 1
    assert "Nothing was cut" in ran.stderr
    assert held(tmp_path) == SHOP.keys()


def test_what_is_not_there_or_not_sound_is_no_start(tmp_path: Path) -> None:
    assert made(tmp_path, "--request", "Keep what matters.").returncode == 2
    ran = made(tmp_path, "--keep", "shop", "--check", "false")
    assert (ran.returncode, held(tmp_path)) == (2, SHOP.keys())
    assert "fails already" in ran.stderr
