"""Drive the package pachca 0.0.1 over JSON lines; it must not import anything of this project.

In: first {"base_url", "token"}, then {"call": name, "args": [...], "kwargs": {...}}; a keyword
"files" is a list of paths. Out: {"result": ...} or {"error": {...}}. The base url is a class
attribute of the package and its pause between calls an argument of its own; nothing else is touched.
"""

import json
import sys

from pachca import Pachca
from pachca.file import File


def main():
    """Answer each line with one line."""
    client = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if client is None:
                Pachca.API_URL = request["base_url"]
                client = Pachca(request["token"], timeout_api=0.0).__enter__()
                result = "ready"
            else:
                kwargs = dict(request.get("kwargs", {}))
                if "files" in kwargs:
                    kwargs["files"] = [File(path) for path in kwargs["files"]]
                result = getattr(client, request["call"])(*request.get("args", []), **kwargs)
            answer = {"result": result}
        except Exception as error:
            answer = {"error": {"type": type(error).__name__, "text": str(error)}}
        print(json.dumps(answer), flush=True)


main()
