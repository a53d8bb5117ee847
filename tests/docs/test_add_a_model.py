"""The model of docs/add-a-model.md works, offered by a package of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "add-a-model.md").read_text(encoding="utf-8")


def test_the_page_s_model_trains_and_suggests(tmp_path):
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    package = tmp_path / "site"
    (package / "my_package").mkdir(parents=True)
    (package / "my_package" / "bayes.py").write_text(code)
    about = package / "my_package-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[scixtag.models]\nbayes = my_package.bayes:Bayes\n")

    def scixtag(*arguments):
        paths = os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, "-m", "scixtag", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=False
        )

    trained = scixtag("train", "sample:train", "--model", "bayes", "--set", "model.smoothing=0.5", "--output", "m")
    assert trained.returncode == 0, trained.stderr
    assert json.loads((tmp_path / "m" / "manifest.json").read_text())["settings"]["model"]["smoothing"] == 0.5
    found = json.loads(scixtag("suggest", "m", "--title", "White-light flares of red dwarfs", "--json").stdout)
    assert "Stellar flares" in [suggestion["label"] for suggestion in found[:3]]
    assert "bayes" in scixtag("models").stdout
    assert (
        "did you mean 'smoothing'"
        in scixtag("train", "sample", "--model", "bayes", "--set", "model.smothing=1", "--output", "n").stderr
    )
