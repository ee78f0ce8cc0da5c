"""The description as one page of plain HTML: no script, no font, nothing from elsewhere."""

import base64
from collections.abc import Iterator
from hashlib import sha256
from html import escape

import msgspec

from domain.values import JSON, Object

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
nav ul { columns: 3; padding-left: 1rem }
h2 { border-bottom: 1px solid #8886; margin-top: 2.5rem }
details { border: 1px solid #8886; border-radius: .4rem; margin: .4rem 0; padding: .4rem .8rem }
summary { cursor: pointer }
code, pre { font: .88rem/1.45 ui-monospace, monospace }
pre { overflow: auto; background: #8882; border-radius: .4rem; padding: .6rem; max-height: 30rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; border-top: 1px solid #8884; padding: .25rem .6rem .25rem 0 }
.method { display: inline-block; min-width: 4.2rem; font-weight: 600 }
.quiet { color: #777 }
"""
STYLE_DIGEST = base64.b64encode(sha256(STYLE.encode()).digest()).decode()


def page(document: Object) -> str:
    """The whole page. Every text is escaped."""
    info = _object(document["info"])
    groups: dict[str, list[tuple[str, str, Object]]] = {}
    for path, methods in _object(document["paths"]).items():
        for method, operation in _object(methods).items():
            groups.setdefault(str(_list(_object(operation)["tags"])[0]), []).append((method, path, _object(operation)))
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Muniment API</title>',
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>',
        f"<h1>Muniment API</h1><p>Version {_text(info['version'])}. The same, for programs: "
        f'<a href="/openapi.json">openapi.json</a>.</p>{_paragraphs(info["description"])}',
        "<nav><ul>",
        *(f'<li><a href="#{_text(name)}">{_text(name)}</a></li>' for name in groups),
        '<li><a href="#schemas">schemas</a></li></ul></nav>',
    ]
    for name, operations in groups.items():
        parts.append(f'<h2 id="{_text(name)}">{_text(name)}</h2>')
        parts.extend(_operation(document, *each) for each in operations)
    parts.append('<h2 id="schemas">schemas</h2>')
    parts.extend(_schemas(_object(_object(document["components"])["schemas"])))
    return "".join([*parts, "</body></html>"])


def _operation(document: Object, method: str, path: str, operation: Object) -> str:
    head = f'<span class="method">{_text(method.upper())}</span> <code>{_text(path)}</code>'
    parts = [
        f'<details id="{_text(operation["operationId"])}">'
        f'<summary>{head} <span class="quiet">{_text(operation["summary"])}</span></summary>',
        f"<p>{_text(operation.get('description', 'Needs no key.'))}</p>",
        _parameters([_resolved(document, each) for each in _list(operation.get("parameters", []))]),
    ]
    if "requestBody" in operation:
        parts.append(f"<h3>Request body</h3>{_content(_object(operation['requestBody']))}")
    parts.append("<h3>Answers</h3>")
    for status, response in _object(operation["responses"]).items():
        found = _resolved(document, response)
        inner = _content(found) if status < "300" else ""
        parts.append(f"<p><strong>{_text(status)}</strong> {_text(found['description'])}</p>{inner}")
    return "".join([*parts, "</details>"])


def _parameters(parameters: list[Object]) -> str:
    if not parameters:
        return ""
    rows = [
        f"<tr><td><code>{_text(each['name'])}</code></td><td>{_text(each['in'])}"
        f"{', required' if each.get('required') else ''}</td><td>{_said(each)}</td></tr>"
        for each in parameters
    ]
    return "<table><tr><th>parameter</th><th>where</th><th>what</th></tr>" + "".join(rows) + "</table>"


def _said(parameter: Object) -> str:
    shape = f"<code>{_text(_json(parameter['schema']))}</code>"
    return f"{_text(parameter['description'])} {shape}" if "description" in parameter else shape


def _content(part: Object) -> str:
    shown = []
    for media in _object(part.get("content", {})).values():
        shown.append(f"<p>{_linked(_object(media)['schema'])}</p>")
        if "example" in _object(media):
            example = _object(media)["example"]
            shown.append(f"<pre>{_text(example if isinstance(example, str) else _pretty(example))}</pre>")
    return "".join(shown)


def _schemas(schemas: Object) -> Iterator[str]:
    for name, schema in schemas.items():
        yield f'<details id="schema-{_text(name)}"><summary><code>{_text(name)}</code></summary>'
        yield f"<pre>{_text(_pretty(schema))}</pre></details>"


def _linked(schema: JSON) -> str:
    """Where the schema is shown: a link for each that is named, the schema itself for one that is not."""
    found = _object(schema)
    if "$ref" in found:
        name = _text(str(found["$ref"]).rpartition("/")[2])
        return f'<a href="#schema-{name}"><code>{name}</code></a>'
    if "anyOf" in found and all("$ref" in _object(each) for each in _list(found["anyOf"])):
        return " or ".join(_linked(each) for each in _list(found["anyOf"]))
    return f"<code>{_text(_json(schema))}</code>"


def _resolved(document: Object, part: JSON) -> Object:
    found = _object(part)
    if "$ref" not in found:
        return found
    _, _, kind, name = str(found["$ref"]).split("/")
    return _object(_object(_object(document["components"])[kind])[name])


def _paragraphs(text: JSON) -> str:
    return "".join(f"<p>{_text(part)}</p>" for part in str(text).split("\n\n"))


def _json(value: JSON) -> str:
    return msgspec.json.encode(value).decode()


def _pretty(value: JSON) -> str:
    return msgspec.json.format(_json(value), indent=2)


def _text(value: JSON) -> str:
    return escape(str(value))


def _object(value: JSON) -> Object:
    assert isinstance(value, dict)
    return value


def _list(value: JSON) -> list[JSON]:
    assert isinstance(value, list)
    return value
