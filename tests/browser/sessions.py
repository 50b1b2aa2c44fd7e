"""Be a planner's session without a browser: Streamlit's messages over a websocket, so that many fit on two cores."""

from __future__ import annotations

import time
from contextlib import ExitStack
from urllib.parse import urlparse

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PATIENCE_S = 120


class Session:
    """One session of a running server, from `with` to the end of its block, as from a tab's opening to its closing."""

    def __init__(self, url: str) -> None:
        address = urlparse(url)
        self._closing = ExitStack()
        opened = connect(
            f"ws://{address.netloc}{address.path}/_stcore/stream",
            origin=f"http://{address.netloc}",
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=PATIENCE_S,
        )
        self._socket = self._closing.enter_context(opened)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the tab."""
        self._closing.close()

    def ask(self, page: str = "", query: str = "") -> None:
        """Ask for a page as a browser does, and go on at once."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        self._socket.send(message.SerializeToString())

    def answered(self, patience_s: float = PATIENCE_S) -> list[ForwardMsg]:
        """Return all that the server says until the page is whole; RuntimeError for a fault, TimeoutError for none."""
        deadline, said = time.monotonic() + patience_s, []
        while True:
            try:
                data = self._socket.recv(timeout=max(deadline - time.monotonic(), 0.01))
            except ConnectionClosed as error:
                raise RuntimeError("the server closed the session") from error
            message = ForwardMsg()
            message.ParseFromString(data)
            said.append(message)
            if message.delta.new_element.HasField("exception"):
                raise RuntimeError(message.delta.new_element.exception.message)
            if message.delta.new_element.alert.format == 1:  # an error that a page shows
                raise RuntimeError(message.delta.new_element.alert.body)
            if message.WhichOneof("type") == "script_finished" and message.script_finished == 0:
                return said

    def visit(self, page: str = "", query: str = "") -> list[ForwardMsg]:
        """Ask for a page and wait until it is whole."""
        self.ask(page, query)
        return self.answered()
