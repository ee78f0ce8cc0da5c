"""What a reader says of a document that it cannot use at all."""


class InvalidDocument(Exception):
    """A document that is unusable. `code` is the stable name of api.md 1.3; `errors` names every finding."""

    def __init__(self, code: str, errors: list[str]) -> None:
        super().__init__("; ".join(errors[:3]))
        self.code = code
        self.errors = errors
