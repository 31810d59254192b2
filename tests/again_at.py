"""What people are told who have tried too often: when it goes on, by the hour; and by the day where that is tomorrow."""

from __future__ import annotations

import re

TOO_OFTEN = re.compile(r"Je hebt dit te vaak geprobeerd\. Het kan weer (op \d+ \w+ \d{4} )?om \d\d:\d\d\.")
