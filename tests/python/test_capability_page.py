# SPDX-License-Identifier: GPL-3.0-or-later
"""The page for authors of add-ons shows the template as it is."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "addons" / "examples" / "template"


def test_page_shows_the_template():
    page = (ROOT / "docs" / "capabilities.md").read_text("utf-8").split("## Write a capability")[1].split("\n## ")[0]
    [code] = re.findall(r"```python\n(.*?)```", page, re.S)
    [manifest] = re.findall(r"```json\n(.*?)```", page, re.S)
    source = (TEMPLATE / "__init__.py").read_text("utf-8")
    assert source == f"# SPDX-License-Identifier: GPL-3.0-or-later\n{code}"
    assert json.loads(manifest) == json.loads((TEMPLATE / "addon_ai.json").read_text("utf-8"))
