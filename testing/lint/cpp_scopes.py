"""Finds variables of static storage duration that can change, by a walk over the braces of a file.

No compiler: it knows namespaces, types, function bodies and initialisers from the text before their brace. That
is enough for code in this project's style, and wrong guesses show as a finding, not as silence."""

import re

_CONSTANT = re.compile(r"\b(constexpr|constinit\s+const|consteval)\b")
_NOT_A_VARIABLE = re.compile(
    r"^\s*(using|typedef|friend|extern|static_assert|namespace|return|asm|case|default|goto|throw|delete|"
    r"public|private|protected|template\s*<[^;=]*>\s*(class|struct|union|concept|using)|class|struct|union|enum|concept)\b")
_ACCESS = re.compile(r"^\s*(?:(?:public|private|protected)\s*:\s*)+")
_ATTRIBUTE = re.compile(r"\[\[[^\]]*\]\]|\balignas\s*\([^)]*\)")


def mutable_statics(code):
    """Yields (offset, what) for each mutable global, static member and function-local static of masked code."""
    scopes = ["namespace"]
    parens = [0]
    start = 0
    for offset, char in enumerate(code):
        if char in "()":
            parens[-1] += 1 if char == "(" else -1
        elif char == "{":
            head = code[start:offset]
            kind = "function" if parens[-1] > 0 else _kind(head, scopes[-1])
            if kind == "initializer" or scopes[-1] == "function":
                yield from _check(head, start, scopes[-1])
            scopes.append(kind)
            parens.append(0)
            start = offset + 1
        elif char == "}" and len(scopes) > 1:
            scopes.pop()
            parens.pop()
            # Where a statement goes on behind the brace (an initialiser's), its head has been looked at already.
            start = offset + 1
        elif char == ";" and parens[-1] <= 0:
            yield from _check(code[start:offset], start, scopes[-1])
            start = offset + 1


def _kind(head, parent):
    text = _ACCESS.sub("", _ATTRIBUTE.sub("", head)).strip()
    if parent in ("function", "initializer"):
        # A local type's members are members; everything else in a body is body.
        if parent == "function" and re.match(r"(class|struct|union)\b[^()=]*$", text):
            return "type"
        return parent
    if re.search(r"\bnamespace\b", text) or text.startswith("extern"):
        return "namespace"
    if re.match(r"(template\s*<.*>\s*)?(typedef\s+)?(class|struct|union|enum)\b", text, re.DOTALL) and not re.search(
            r"\)\s*(const|noexcept|override|final|->.*)*\s*$", text):
        return "type"
    if text == "" or text.startswith((",", ":")):
        return "function"  # the body behind a constructor's initialiser list
    before_equals = re.split(r"(?<![=!<>])=(?!=)", text)[0]
    if "operator" in text or (")" in text and "(" in before_equals):
        return "function"
    return "initializer"


def _check(head, start, scope):
    lead = len(head) - len(head.lstrip())
    offset = start + lead
    text = _ATTRIBUTE.sub("", _ACCESS.sub("", head)).strip()
    if not text or _CONSTANT.search(text) or scope == "initializer":
        return
    if scope == "function":
        if re.match(r"static\b(?!_)", text):
            yield offset, "function-local static"
        return
    if scope == "type":
        if re.search(r"(^|\s)static\b", text) and _declares_mutable(text):
            yield offset, "mutable static member"
        return
    if not _NOT_A_VARIABLE.match(text) and _declares_mutable(text):
        yield offset, "mutable global"


def _declares_mutable(text):
    """Whether the text, a declaration outside a function, declares a variable that is not const."""
    declarator = re.split(r"(?<![=!<>])=(?!=)", text)[0]
    without_templates = declarator
    while (shorter := re.sub(r"<[^<>]*>", "", without_templates)) != without_templates:
        without_templates = shorter
    if "(" in without_templates or "operator" in without_templates:
        return False
    if not re.search(r"[\w>&*\]]\s+[&*]*\s*[\w:]+\s*(\[[^\]]*\]\s*)*$", without_templates):
        return False
    if "*" in without_templates:
        return not re.search(r"\*\s*const\b(?!.*\*)", without_templates)
    return not re.search(r"\bconst\b", without_templates)
