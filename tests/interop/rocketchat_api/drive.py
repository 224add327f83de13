"""Drive the package rocketchat_API over JSON lines; it must not import anything of this project.

In: {"call": method name, "args": [...], "kwargs": {...}}. Out: {"result": ...} or {"error": {...}}.
The first line is {"server_url", "user", "password"} or {"server_url", "user_id", "auth_token"}.
"""

import json
import sys
import types

from rocketchat_API.APIExceptions import RocketExceptions
from rocketchat_API.rocketchat import RocketChat

KNOWN = tuple(each for each in vars(RocketExceptions).values() if isinstance(each, type))


def main() -> None:
    """Answer each line with one line."""
    client = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if client is None:
                client = RocketChat(**request)
                answer = {"result": {"headers": sorted(client.headers)}}
            else:
                result = getattr(client, request["call"])(
                    *request.get("args", []), **request.get("kwargs", {})
                )
                if isinstance(result, types.GeneratorType) or hasattr(result, "__next__"):
                    result = list(result)
                answer = {"result": result}
        except KNOWN as error:
            answer = {"error": {"type": type(error).__name__, "text": str(error)}}
        print(json.dumps(answer), flush=True)


main()
