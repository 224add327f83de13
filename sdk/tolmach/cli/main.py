"""Begin the command ``tolmach``.

What it is for: the entry point, the answers that need nothing installed, and the last word on every
error. What it must not do: import click at the top (a lean installation has none), or show a traceback.
"""

import os
import sys
from collections.abc import Sequence

from tolmach.version import __version__

__all__ = ["main"]

NEEDS = {
    "up": "tolmach up needs the fakes: pip install 'tolmach[mock]'",
    "conformance": "tolmach conformance needs the suite: pip install 'tolmach[conformance]'",
    "gateway": "tolmach gateway needs its parts: pip install 'tolmach[gateway]'",
    "pairing": "tolmach pairing needs the gateway: pip install 'tolmach[gateway]'",
    "channels": "tolmach channels needs the gateway: pip install 'tolmach[gateway]'",
    "doctor": "tolmach doctor needs the gateway: pip install 'tolmach[gateway]'",
}
"""Which extra a command needs, said when a package of it is missing."""

NEEDS_CLI = "tolmach needs its command line: pip install 'tolmach[cli]'"
OURS = ("tolmach", "tolmach_mockservers", "tolmach_conformance", "tolmach_schemas")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 well, 1 failed, 2 configuration or usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["version"], ["--version"]):
        print(f"tolmach {__version__}")
        return 0
    command = next((word for word in given if not word.startswith("-")), "")
    try:
        return run(given)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in OURS and (error.name or "").count("."):
            return unexpected(error, given)
        if not command and not {"-h", "--help"}.isdisjoint(given):
            print(lean_help())
            return 0
        return complain(NEEDS.get(command, NEEDS_CLI), 2)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; the interpreter must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as error:  # the last word on everything unforeseen
        return unexpected(error, given)


def lean_help() -> str:
    """Return what ``--help`` says where the command line itself is not installed."""
    lines = [
        "Usage: tolmach [OPTIONS] COMMAND [ARGS]...",
        "",
        "Only the library is installed. What more needs:",
    ]
    return "\n".join([*lines, *(f"  {need}" for need in (*NEEDS.values(), NEEDS_CLI)), "  tolmach version"])


def run(given: list[str]) -> int:
    """Run a command and map the errors that are meant for people."""
    import click

    from tolmach.cli.commands import root
    from tolmach.errors import ConfigError, TolmachError

    try:
        result: object = root.main(args=given, prog_name="tolmach", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        return complain(error.format_message(), 2)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except ConfigError as error:
        return complain(str(error), 2)
    except (TolmachError, OSError) as error:
        if debug(given):
            raise
        return complain(f"{error}", 1)
    return result if isinstance(result, int) else 0


def debug(given: Sequence[str]) -> bool:
    """Tell whether tracebacks are wanted."""
    return "--debug" in given


def complain(text: str, code: int) -> int:
    """Print a message where errors go, with no secret in it, and return the exit code."""
    if "tolmach.transport.redaction" in sys.modules:
        from tolmach.transport.redaction import redact

        text = redact(text)
    print(text, file=sys.stderr)
    return code


def unexpected(error: Exception, given: Sequence[str]) -> int:
    """Say in one line what nobody foresaw; the traceback only for those who ask."""
    if debug(given):
        import traceback

        text = "".join(traceback.format_exception(error))
        return complain(text, 1)
    words = " ".join(str(error).split())[:200]
    return complain(
        f"unexpected {type(error).__name__}: {words}\nRun it again with --debug for the details.", 1
    )


if __name__ == "__main__":
    sys.exit(main())
