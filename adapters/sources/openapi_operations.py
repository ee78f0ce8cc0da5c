"""The contract of one operation: what it takes and what it answers, as one schema with a part for each (api.md 2.7)."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import msgspec

from adapters.sources.openapi_names import places_of
from adapters.sources.openapi_references import Place, References, Unreadable
from adapters.sources.openapi_schemas import Definition, Response, Schemas, Way
from domain.values import JSON, Object

_DEFAULT_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# Larger things are rarely told twice.
_KEPT_SIZE = 2000
T = TypeVar("T")
_SERIALIZATION = ("style", "explode", "allowReserved", "allowEmptyValue")


class Security:
    """What callers of a document's operations must show."""

    def __init__(self, root: Object) -> None:
        components = root.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, dict) else None
        stated = schemes.items() if isinstance(schemes, dict) else ()
        self._schemes = {name: _scheme(scheme) for name, scheme in stated if isinstance(scheme, dict)}
        self._usual = root.get("security")

    def asked(self, operation: Object) -> Object:
        """The alternatives, and how the schemes that they name work."""
        stated = operation.get("security", self._usual)
        alternatives = [each for each in stated if isinstance(each, dict)] if isinstance(stated, list) else []
        if not any(alternatives):
            return {}
        names = sorted({name for each in alternatives for name in each if name in self._schemes})
        schemes: Object = {name: self._schemes[name] for name in names}
        asked: Object = {"x-security": [*alternatives]}
        return {**asked, "x-security-schemes": schemes} if schemes else asked


class Operation:
    """Reads one operation. `shared` are the parameters of its path, with their place."""

    def __init__(self, references: References, schemas: Schemas, path: str, place: Place) -> None:
        self._references = references
        self._schemas = schemas
        self._places = places_of(path)
        self._place = place
        self._names: dict[str, Definition] = {}

    def contract(self, operation: Object, shared: list[tuple[JSON, Place]], security: Security) -> Object:
        """The schema of the contract, without the definitions that it names. Raises `Unreadable`."""
        parts: Object = {}
        required: list[JSON] = []
        for name, part, always in (
            *self._body(operation),
            *self._responses(operation),
            *self._parameters(operation, shared),
        ):
            parts[name] = part
            if always:
                required.append(name)
        schema: Object = {"type": "object"}
        if parts:
            schema |= {"properties": parts}
        if required:
            schema |= {"required": required}
        self._schemas.require_sound(self._names)
        return schema | security.asked(operation) | _deprecation(operation)

    def _schema(self, schema: JSON, place: Place, way: Way) -> Object:
        return way.translated(schema, place, self._names)

    def _once(self, kept: dict[bytes, tuple[T, dict[str, Definition]]], told: bytes, read: Callable[[], T]) -> T:
        """What is read of something that many operations tell in the same words: read once."""
        if told not in kept:
            before, self._names = self._names, {}
            found, names = read(), self._names
            self._names = before
            if len(told) <= _KEPT_SIZE:
                kept[told] = found, names
        else:
            found, names = kept[told]
        self._names |= names
        return found

    def _object(self, value: JSON, place: Place, what: str) -> tuple[Object, Place]:
        found, where = self._references.resolved(value, place)
        if not isinstance(found, dict):
            raise Unreadable(where, f"{what} must be an object")
        return found, where

    def _members(self, holder: Object, name: str, place: Place) -> Iterator[tuple[str, JSON, Place]]:
        """The members of an object that a member holds, extensions aside."""
        stated = holder.get(name)
        if stated is None:
            return
        if not isinstance(stated, dict):
            raise Unreadable((place, name), f"{name} must be an object")
        for key, value in stated.items():
            if not key.startswith("x-"):
                yield key, value, ((place, name), key)

    def _body(self, operation: Object) -> Iterator[tuple[str, JSON, bool]]:
        if operation.get("requestBody") is None:
            return
        body, place = self._object(operation["requestBody"], (self._place, "requestBody"), "a request body")
        media = self._media(body, place, self._schemas.request)
        if media:
            yield "request", media[_preferred(media)], body.get("required") is True
            yield "requests", {"type": "object", "properties": {**media}}, False

    def _media(self, holder: Object, place: Place, way: Way) -> dict[str, Object]:
        """The schema of each media type."""
        found: dict[str, Object] = {}
        for name, value, where in self._members(holder, "content", place):
            media, where = self._object(value, where, "a media type")
            member = "schema" if "schema" in media or "itemSchema" not in media else "itemSchema"
            schema = self._schema(media.get(member, True), (where, member), way)
            encoding = media.get("encoding")
            if isinstance(encoding, dict) and encoding:
                schema = _written(schema, _encodings(encoding))
            found[name] = schema
        return found

    def _responses(self, operation: Object) -> Iterator[tuple[str, JSON, bool]]:
        responses: Object = {}
        headers: Object = {}
        required: list[JSON] = []
        bodies: dict[str, dict[str, Object]] = {}
        for status, value, place in self._members(operation, "responses", self._place):
            said = self._response(value, place)
            bodies[status] = said.media
            for media, schema in said.media.items():
                responses[f"{status} {media}"] = schema
            if not said.media:
                responses[status] = {}
            headers |= {f"{status} {name}": schema for name, schema in said.headers.items()}
            required += [f"{status} {name}" for name in said.required]
        main = _main(bodies)
        if main is not None:
            yield "response", bodies[main][_preferred(bodies[main])], True
        if responses:
            yield "responses", {"type": "object", "properties": responses}, False
        if headers:
            yield "headers", _with_required({"type": "object", "properties": headers}, required), False

    def _response(self, value: JSON, place: Place) -> Response:
        told = msgspec.json.encode(value)
        return self._once(self._schemas.responses, told, lambda: self._response_anew(value, place))

    def _response_anew(self, value: JSON, place: Place) -> Response:
        response, place = self._object(value, place, "a response")
        way, headers, required = self._schemas.response, dict[str, Object](), list[str]()
        media = self._media(response, place, way)
        for name, each, where in self._members(response, "headers", place):
            header, where = self._object(each, where, "a header")
            headers[name] = self._value(header, where, "header", way)
            if header.get("required") is True:
                required.append(name)
        return Response(media, headers, required)

    def _parameters(self, operation: Object, shared: list[tuple[JSON, Place]]) -> Iterator[tuple[str, JSON, bool]]:
        own = operation.get("parameters")
        own = [] if own is None else own
        if not isinstance(own, list):
            raise Unreadable((self._place, "parameters"), "parameters must be a list")
        here = [(each, ((self._place, "parameters"), str(n))) for n, each in enumerate(own)]
        found: dict[str, tuple[Object, Place]] = {}
        for value, place in (*shared, *here):
            parameter, place = self._object(value, place, "a parameter")
            name, where = parameter.get("name"), parameter.get("in")
            if not isinstance(name, str) or not isinstance(where, str):
                raise Unreadable(place, "a parameter needs a name and a place (`in`)")
            found[f"{where}.{name}"] = parameter, place
        properties: Object = {}
        required: list[JSON] = []
        for key, (parameter, place) in found.items():
            where, name = key.split(".", 1)
            schema = self._value(parameter, place, where, self._schemas.request)
            if where == "path" and name in self._places:
                schema = {**schema, "x-place": self._places[name]}
            properties[key] = schema
            if parameter.get("required") is True or where == "path":
                required.append(key)
        if properties:
            yield "parameters", _with_required({"type": "object", "properties": properties}, required), True

    def _value(self, holder: Object, place: Place, where: str, way: Way) -> Object:
        """The schema of a parameter or header, and how its value is written if that is not as usual."""
        told = msgspec.json.encode([where, holder])
        return self._once(way.values, told, lambda: self._value_anew(holder, place, where, way))

    def _value_anew(self, holder: Object, place: Place, where: str, way: Way) -> Object:
        media = self._media(holder, place, way) if "schema" not in holder else {}
        if media:
            name = _preferred(media)
            return _written(media[name], name)
        schema = self._schema(holder.get("schema", True), (place, "schema"), way)
        style = holder.get("style", _DEFAULT_STYLES.get(where))
        usual: Object = {"style": _DEFAULT_STYLES.get(where), "explode": style == "form"}
        said: Object = {n: holder[n] for n in _SERIALIZATION if n in holder and holder[n] != usual.get(n, False)}
        return _written(schema, said) if said else schema


def _written(schema: Object, how: JSON) -> Object:
    """The schema of a value that is written in some way, beside what the schema itself says of that."""
    inner = schema.get("x-serialization")
    return {**schema, "x-serialization": how if inner is None else [how, inner]}


def _encodings(encoding: Object) -> JSON:
    """How the parts of a body are written, by name: what of it changes the bytes."""
    told = ("contentType", *_SERIALIZATION)
    return {
        name: {each: value[each] for each in told if each in value} if isinstance(value, dict) else None
        for name, value in encoding.items()
    }


def _with_required(schema: Object, required: list[JSON]) -> Object:
    return {**schema, "required": required} if required else schema


def _preferred(media: Mapping[str, Object]) -> str:
    """`application/json`, else one that ends in `+json`, else the first."""
    if len(media) == 1:
        return next(iter(media))
    plain = {name: name.partition(";")[0].strip().lower() for name in media}
    exact = next((name for name in media if plain[name] == "application/json"), None)
    return exact or next((name for name in media if plain[name].endswith("+json")), next(iter(media)))


def _main(bodies: Mapping[str, Mapping[str, Object]]) -> str | None:
    """The status whose answer stands for all: the lowest 2xx with content, else `2XX`, else `default`."""
    with_content = [status for status, media in bodies.items() if media]
    plain = sorted(each for each in with_content if each.startswith("2") and each.isascii() and each.isdigit())
    rest = [each for name in ("2XX", "DEFAULT") for each in with_content if each.upper() == name]
    return next(iter((*plain, *rest)), None)


def _scheme(scheme: Object) -> Object:
    """How a scheme works: what clients are written for."""
    found: Object = {each: scheme[each] for each in ("type", "in", "name", "openIdConnectUrl") if each in scheme}
    if isinstance(scheme.get("scheme"), str):
        found["scheme"] = str(scheme["scheme"]).lower()
    flows = scheme.get("flows")
    for flow, stated in flows.items() if isinstance(flows, dict) else ():
        if isinstance(stated, dict):
            found |= {f"{flow} {each}": url for each, url in stated.items() if each.endswith("Url")}
    return found


def _deprecation(operation: Object) -> Object:
    if operation.get("deprecated") is not True:
        return {}
    sunset = operation.get("x-sunset")
    return {"x-deprecated": True, "x-sunset": sunset} if isinstance(sunset, str) else {"x-deprecated": True}
