"""What makes a program of somebody's words is nowhere in the code: no call, no module, no property, no filter of that kind."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = sorted(path for folder in ("idp", "connectors") for path in (ROOT / folder).rglob("*.py"))
SCRIPTS = sorted((ROOT / "idp" / "web" / "static").glob("*.js"))  # the captcha's own are below, and other people's
TEMPLATES = sorted(path for path in (ROOT / "idp").rglob("templates/*") if path.is_file())

CALLS = {"eval", "exec", "compile", "__import__", "render_template_string", "from_string", "system", "popen"}
MODULES = {"pickle", "marshal", "shelve", "dill", "yaml", "xml", "lxml", "random", "ctypes", "cffi"}
STARTS_PROGRAMS = {"idp/demo/supervisor.py", "idp/adapters/slapd.py", "idp/adapters/slapd_files.py"}  # the demo's own
FORMATS = re.compile(r"_[A-Z_]+|Markup\(.*\)|self\.translations\.n?gettext\(.*\)|sentence")  # each is a text of ours
IN_SCRIPTS = re.compile(
    r"\b(eval|Function|execScript|innerHTML|outerHTML|insertAdjacentHTML|write(ln)?|createContextualFragment|postMessage|onmessage"
    r"|__proto__|localStorage|indexedDB)\b"
)
IN_TEMPLATES = re.compile(r"\|\s*safe\b|autoescape\s+false|<script>")


def called(tree: ast.AST) -> set[str]:
    """Give what a module calls, by name or as a method; to compile a pattern is no such call."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    return names | {call.attr for call in calls if isinstance(call, ast.Attribute) and ast.unparse(call.value) != "re"}


def imported(tree: ast.AST) -> set[str]:
    """Give the packages that a module imports."""
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in (*plain, *named)}


def faults_of(path: Path) -> set[str]:
    """Give what a module uses and must not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    programs = set() if str(path.relative_to(ROOT)) in STARTS_PROGRAMS else {"subprocess"}
    shells = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords if word.arg == "shell"}
    return called(tree) & CALLS | imported(tree) & (MODULES | programs) | {str(name) for name in shells}


def is_ours(node: ast.expr) -> bool:
    """Tell whether a text stands in the code, whole or put together of constants."""
    if isinstance(node, ast.JoinedStr):
        return all(is_ours(value) for value in node.values)
    if isinstance(node, ast.FormattedValue):
        return is_ours(node.value)
    if isinstance(node, ast.BinOp):
        return is_ours(node.left) and is_ours(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):  # out of a table of ours
        return is_ours(node.func.value)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def languages_of(path: Path) -> list[str]:
    """Give the calls in a module that read SQL, a pattern or a format out of something other than the code."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        words = ast.unparse(node.func)
        is_sql = "adapters/sql" in str(path) and words.rpartition(".")[2] in {"text", "exec_driver_sql", "DDL", "literal_column"}
        is_pattern = words.startswith("re.") and words != "re.escape"
        if (is_sql or is_pattern) and node.args and not is_ours(node.args[0]):
            found.append(ast.unparse(node))
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "format"
            and not FORMATS.fullmatch(ast.unparse(node.func.value))
        ):
            found.append(ast.unparse(node))
    return found


def test_what_is_read_as_a_language_stands_in_the_code() -> None:
    """With a visitor's word in a query, a pattern or a format, the word says what is done: to all rows, without end."""
    assert {str(path): found for path in CODE if (found := languages_of(path))} == {}


def test_code_makes_no_program_of_words() -> None:
    """A word of a visitor would run as code, be read as an object, or be guessed for not being random."""
    assert len(CODE) > 200
    assert {str(path): found for path in CODE if (found := faults_of(path))} == {}


def test_scripts_write_text_and_nothing_else() -> None:
    """What stands in an address or an answer would become part of the page, as HTML."""
    assert len(SCRIPTS) > 5
    assert {path.name: found for path in SCRIPTS if (found := IN_SCRIPTS.findall(path.read_text(encoding="utf-8")))} == {}


def test_templates_leave_nothing_unescaped() -> None:
    """One filter too many, and a name is HTML."""
    assert len(TEMPLATES) > 30
    assert {path.name: found for path in TEMPLATES if (found := IN_TEMPLATES.findall(path.read_text(encoding="utf-8")))} == {}
