"""How bytes become requests: uvicorn's protocol, with an end to what the head of a request may hold in memory."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Well over what the application itself refuses with a proper answer (limits.py).
MAX_HEAD = 64 * 1024


class BoundedHttp(HttpToolsProtocol):
    """Ends connections whose request line and headers never end."""

    _in_head = True
    _head_ended = False
    _received = 0

    def data_received(self, data: bytes) -> None:
        began_in_head, self._head_ended = self._in_head, False
        super().data_received(data)
        if self._head_ended or not (began_in_head and self._in_head):
            self._received = 0
            return
        self._received += len(data)
        if self._received > MAX_HEAD and not self.transport.is_closing():
            self.send_400_response("The request's head is too large.")

    def on_headers_complete(self) -> None:
        self._in_head, self._head_ended = False, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        super().on_message_complete()
