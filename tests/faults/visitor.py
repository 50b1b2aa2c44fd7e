"""Visit a running server without a browser: its pages as text, over the socket that browsers use."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


class Visitor:
    """One session of a server: each run's messages as one text. `host` is what it believes the server is called."""

    def __init__(self, url: str, *, host: str = "", **headers: str) -> None:
        address = urlsplit(url)
        self._open = ExitStack()
        self._wire = socket.create_connection((address.hostname, address.port), timeout=60)
        self._connection = connect(
            f"ws://{host or address.netloc}/_stcore/stream", sock=self._wire, subprotocols=["streamlit"],
            additional_headers=headers, max_size=None, proxy=None, open_timeout=60,
        )  # fmt: skip

    def __enter__(self) -> Visitor:
        self._open.callback(self._wire.close)
        self._socket = self._open.enter_context(self._connection)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, query: str = "", page: str = "") -> str:
        """Run the page that an address names and return everything the server says of it."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        self._socket.send(message.SerializeToString())
        said = []
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self._socket.recv(timeout=120))
            said.append(str(answer))
            if answer.WhichOneof("type") == "script_finished":
                return "\n".join(said)
