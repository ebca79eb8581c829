"""Finds variables of static storage duration that can change, by a walk over the braces of a file.

No compiler: it knows namespaces, types, function bodies and initialisers from the text before their brace. That
is enough for code in this project's style, and wrong guesses show as a finding, not as silence."""

import re

_CONSTANT = re.compile(r"\b(constexpr|constinit\s+const|consteval)\b")
_NOT_A_VARIABLE = re.compile(
    r"^\s*(using|typedef|friend|extern|static_assert|namespace|return|asm|case|default|goto|throw|delete|"
    r"public|private|protected|class|struct|union|enum|concept)\b")
_ACCESS = re.compile(r"^\s*(?:(?:public|private|protected)\s*:\s*)+")
_ATTRIBUTE = re.compile(r"\[\[[^\]]*\]\]|\balignas\s*\([^)]*\)")


def mutable_statics(code):
    """Yields (offset, what) for each mutable global, static member and function-local static of masked code."""
    scopes = ["namespace"]
    parens = [0]
    start = 0
    # Behind an initialiser's brace, its statement goes on to the semicolon: `int64_t x = int64_t{3} * 60;`.
    continues = False
    for offset, char in enumerate(code):
        if char in "()":
            parens[-1] += 1 if char == "(" else -1
        elif char == "{":
            head = code[start:offset]
            kind = "function" if parens[-1] > 0 else "initializer" if continues else _kind(head, scopes[-1])
            if continues:
                pass
            elif kind == "initializer" or scopes[-1] == "function":
                yield from _check(head, start, scopes[-1])
            continues = False
            scopes.append(kind)
            parens.append(0)
            start = offset + 1
        elif char == "}" and len(scopes) > 1:
            continues = scopes.pop() == "initializer" and scopes[-1] != "initializer"
            parens.pop()
            start = offset + 1
        elif char == ";" and parens[-1] <= 0:
            if not continues:
                yield from _check(code[start:offset], start, scopes[-1])
            continues = False
            start = offset + 1


def _kind(head, parent):
    text = _ACCESS.sub("", _ATTRIBUTE.sub("", head)).strip()
    if parent in ("function", "initializer"):
        # A local type's members are members; everything else in a body is body.
        if parent == "function" and re.match(r"(class|struct|union)\b[^()=]*$", text):
            return "type"
        return parent
    text = _without_template(text)
    if re.search(r"\bnamespace\b", text) or text.startswith("extern"):
        return "namespace"
    if re.match(r"(typedef\s+)?(class|struct|union|enum)\b", text) and not re.search(
            r"\)\s*(const|noexcept|override|final|->.*)*\s*$", text):
        return "type"
    if text == "" or text.startswith((",", ":")):
        return "function"  # the body behind a constructor's initialiser list
    before_equals = re.split(r"(?<![=!<>])=(?!=)", text)[0]
    if "operator" in text or (")" in text and "(" in before_equals):
        return "function"
    return "initializer"


def _without_template(text):
    """Drops a leading template<...>, whose defaults would look like initialisers."""
    match = re.match(r"template\s*<", text)
    if not match:
        return text
    depth = 0
    for offset in range(match.end() - 1, len(text)):
        depth += {"<": 1, ">": -1}.get(text[offset], 0)
        if depth == 0:
            return text[offset + 1:].strip()
    return text


def _check(head, start, scope):
    lead = len(head) - len(head.lstrip())
    offset = start + lead
    text = _without_template(_ATTRIBUTE.sub("", _ACCESS.sub("", head)).strip())
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
