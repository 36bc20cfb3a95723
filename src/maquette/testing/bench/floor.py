"""The floor: the least that a loop of model and shell takes, in the standard library, with no sandbox, keeping nothing.

`python -m maquette.testing.bench.floor URL WORDS`
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "bash",
            "parameters": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
        },
    }
]


def main(url: str, words: str) -> None:
    model = http.client.HTTPConnection(urlsplit(url).netloc)
    messages: list[dict[str, Any]] = [{"role": "user", "content": words}]
    while True:
        body = {"model": "scripted", "tools": TOOLS, "messages": messages}
        model.request("POST", "/v1/chat/completions", json.dumps(body).encode())
        answer = json.loads(model.getresponse().read())["choices"][0]["message"]
        messages.append(answer)
        for call in answer.get("tool_calls") or ():
            command = json.loads(call["function"]["arguments"])["command"]
            ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": ended.stdout[-8_000:]})
        if not answer.get("tool_calls"):
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
