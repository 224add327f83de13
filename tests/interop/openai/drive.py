"""Drive the package openai over JSON lines; it must not import anything of this project.

In: {"call": "create"|"stream"|"models", "kwargs": {...}}. Out: {"result": ...} or {"error": {...}}.
The first line is {"base_url", "api_key"}.
"""

import json
import sys

import openai


def main() -> None:
    """Answer each line with one line."""
    client = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if client is None:
                client = openai.OpenAI(max_retries=0, **request)
                result: object = "ready"
            elif request["call"] == "models":
                result = [model.id for model in client.models.list()]
            elif request["call"] == "create":
                result = client.chat.completions.create(**request["kwargs"]).model_dump()
            else:
                with client.chat.completions.create(stream=True, **request["kwargs"]) as stream:
                    result = [chunk.model_dump() for chunk in stream]
            answer: dict[str, object] = {"result": result}
        except openai.APIStatusError as error:
            answer = {
                "error": {"type": type(error).__name__, "status": error.status_code, "text": error.message}
            }
        except openai.APIError as error:
            answer = {"error": {"type": type(error).__name__, "text": str(error)}}
        print(json.dumps(answer), flush=True)


main()
