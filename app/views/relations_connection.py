"""How a language model is reached: what to run, its address, what it costs. Never a key."""

from __future__ import annotations

import streamlit as st

from app import state
from app.views.words import escaped
from roc_core.errors import RocError
from roc_core.schema import Endpoint
from roc_core.workspace import Workspace

EXAMPLES: dict[str, tuple[str, str]] = {
    "Ollama": ("http://127.0.0.1:11434/v1", "gemma3"),
    "llama.cpp": ("http://127.0.0.1:8080/v1", "local"),
    "vLLM": ("http://127.0.0.1:8000/v1", "google/gemma-3-4b-it"),
    "OpenAI": ("https://api.openai.com/v1", "gpt-4o-mini"),
}
"""Addresses and model names to begin with: on this machine, and hosted."""

ABOUT = """
Anything that speaks OpenAI's chat protocol will do: a program on this machine, or a hosted service.

| | start it | address |
|---|---|---|
| Ollama | `ollama pull gemma3 && ollama serve` | `http://127.0.0.1:11434/v1` |
| llama.cpp | `llama-server -m model.gguf` | `http://127.0.0.1:8080/v1` |
| vLLM | `vllm serve google/gemma-3-4b-it` | `http://127.0.0.1:8000/v1` |
| hosted | get a key | as its operator says, mostly ending in `/v1` |

A **key**, where one is needed, is taken from `ROC_LLM_KEY`, which goes to the address below, or
from `OPENAI_API_KEY`, which goes to OpenAI alone: in the environment the app was started in, or in
Streamlit's secrets. It is never asked for here, kept or shown.
"""


def show_connection(ws: Workspace, endpoint: Endpoint | None) -> None:
    """The endpoint in use, and the form that sets it: open when there is none."""
    if endpoint is None:
        st.info(
            "No language model is connected. Descriptions written by hand need none: edit a "
            "relation on the first tab. To have drafts written, connect one here.",
            icon=":material/power:",
        )
    title = (
        f"Connected to {endpoint.model} at {endpoint.host}" if endpoint else "Connect a model"
    )  # fmt: skip
    icon = ":material/link:" if endpoint else ":material/add_link:"
    with st.expander(escaped(title), icon=icon, expanded=endpoint is None):
        st.markdown(ABOUT)
        _fill()
        _form(ws, endpoint)
        if endpoint is not None:
            st.button(
                "Disconnect",
                icon=":material/link_off:",
                key="writing:disconnect",
                on_click=_disconnect,
                args=(ws,),
                help="What was written stays.",
            )
    _told()


def _told() -> None:
    said = st.session_state.pop("writing:said", None)
    if isinstance(said, RocError):
        state.show_error(said, "The connection was not changed.")
    elif said:
        st.success(str(said), icon=":material/check:")


def _fill() -> None:
    """Buttons that fill the form with an example."""

    def fill(name: str) -> None:
        url, model = EXAMPLES[name]
        st.session_state.update({"writing:url": url, "writing:model": model})

    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Fill in:", width="content")
        for name in EXAMPLES:
            st.button(name, key=f"writing:fill:{name}", on_click=fill, args=(name,))


def _form(ws: Workspace, endpoint: Endpoint | None) -> None:
    for name, value in _present(endpoint).items():
        st.session_state.setdefault(f"writing:{name}", value)
    with st.form("writing:form", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Address", key="writing:url", placeholder="http://127.0.0.1:11434/v1")
            st.text_input("Model", key="writing:model", placeholder="gemma3", width=260)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for field, label in (("in", "Price, asked"), ("out", "Price, answered")):
                st.number_input(
                    label, 0.0, 1e6, None, 0.01, format="%g", key=f"writing:{field}", width=170,
                    help="For a million tokens, in any currency; leave it empty when it is free.",
                )  # fmt: skip
            st.number_input(
                "Labelled sentences", 0, 20, key="writing:examples", width=170,
                help="Sent along for each relation, with the entities left out. 0 sends none of "
                "your data, only the relation itself.",
            )  # fmt: skip
            st.number_input(
                "Seconds to wait", 1.0, 3600.0, key="writing:timeout", format="%g", width=150
            )
            st.form_submit_button(
                "Connect" if endpoint is None else "Change",
                type="primary" if endpoint is None else "secondary",
                key="writing:connect",
                on_click=_connect,
                args=(ws,),
            )


def _present(endpoint: Endpoint | None) -> dict[str, object]:
    """What the form shows at first."""
    if endpoint is None:
        return {"url": "", "model": "", "in": None, "out": None, "examples": 5, "timeout": 120.0}
    return {
        "url": endpoint.base_url,
        "model": endpoint.model,
        "in": endpoint.price_in,
        "out": endpoint.price_out,
        "examples": endpoint.examples,
        "timeout": endpoint.timeout,
    }


def _connect(ws: Workspace) -> None:
    get = st.session_state.get
    try:
        ws.writing.set_endpoint(
            str(get("writing:url") or "").strip(),
            str(get("writing:model") or "").strip(),
            get("writing:in"),
            get("writing:out"),
            int(get("writing:examples") or 0),
            float(get("writing:timeout") or 120.0),
        )
    except RocError as error:
        st.session_state["writing:said"] = error
        return
    st.session_state["writing:said"] = "Connected."


def _disconnect(ws: Workspace) -> None:
    try:
        ws.writing.forget_endpoint()
    except RocError as error:
        st.session_state["writing:said"] = error
