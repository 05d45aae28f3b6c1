"""What record-fixtures.mjs does, for instrumentations of Python: runs cases, and writes the spans they make as fixtures."""

import asyncio
import inspect
import itertools
import json
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures" / "spans"
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
TIMESTAMP = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?")
# What differs in every run and says something, with what it says instead; then what only says where and when.
STEADY = {
    "server.port": 80,
    "duration": 1.0,
    "gen_ai.response.time_to_first_chunk": 0.25,
    "gen_ai.client.operation.time_to_first_chunk": 0.25,
    "gen_ai.server.time_to_first_token": 250,
    "gen_ai.server.request.duration": 1000,
    "lk.response.ttft": 0.25,
}
DROPPED = {"exception.stacktrace", "code.filepath", "code.file.path", "code.function", "code.lineno", "thread.id", "lk.llm_metrics"}


@contextmanager
def stand_in_provider():
    """The address of the stand-in provider, while it runs."""
    process = subprocess.Popen(["node", HERE / "stand-in.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait()


def set_tracer_provider(provider=None):
    """A provider whose spans `record` writes; the global one unless another is given."""
    exporter = InMemorySpanExporter()
    if provider is None:
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider, exporter


def record(dialect, exporter, cases, url, wanted=lambda span: True):
    """Runs each case, a function or coroutine function, and writes those of its spans that are wanted."""
    folder = FIXTURES / dialect
    folder.mkdir(parents=True, exist_ok=True)
    for name, run in cases.items():
        try:
            asyncio.run(run()) if inspect.iscoroutinefunction(run) else run()
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {str(error)[:200]}")
        spans = [span for span in exporter.get_finished_spans() if wanted(span)]
        assert spans, f"{name}: no span"
        for index, span in enumerate(spans, 1):
            text = json.dumps(fixture(span), indent=2, ensure_ascii=False)
            text = text.replace(url, "http://provider.test").replace(url.removeprefix("http://"), "provider.test")
            suffix = f"-{index}" if len(spans) > 1 else ""
            (folder / f"{name}{suffix}.span.json").write_text(same_in_every_run(text) + "\n")
        exporter.clear()


def fixture(span):
    scope = span.instrumentation_scope
    return {
        "name": span.name,
        "kind": span.kind.value,
        "scope": {"name": scope.name, "version": scope.version},
        "status": {
            "code": span.status.status_code.value,
            **({"message": span.status.description} if span.status.description else {}),
        },
        "attributes": kept(span.attributes),
        "events": [
            {"name": event.name, "time": [1750000001, 0], "attributes": kept(event.attributes)} for event in span.events
        ],
    }


def kept(attributes):
    return {name: STEADY.get(name, value) for name, value in (attributes or {}).items() if name not in DROPPED}


def same_in_every_run(text):
    numbers = itertools.count(1)
    ids = {}
    text = UUID.sub(lambda found: ids.setdefault(found[0], f"00000000-0000-4000-8000-{next(numbers):012}"), text)
    return TIMESTAMP.sub("2026-01-01T00:00:00", text)
