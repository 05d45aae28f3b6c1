"""Captures the spans of MLflow: of the clients it traces, and of what an app traces with it.

    python3 -m venv <folder> && <folder>/bin/pip install -r test/dialects/mlflow/requirements.txt
    <folder>/bin/python test/dialects/mlflow/capture.py
"""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

# Spans go to the provider of the app, and on by OTLP: without, there has to be a server of its own.
os.environ.update(
    MLFLOW_USE_DEFAULT_TRACER_PROVIDER="false",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="http://localhost:1/v1/traces",
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT="1",
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL="http/protobuf",
    MLFLOW_TRACKING_URI="http://localhost:1",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
)

import mlflow
from anthropic import Anthropic
from mlflow.entities import Document, SpanType
from openai import OpenAI
from record_fixtures import record, set_tracer_provider, stand_in_provider

QUESTION = [{"role": "user", "content": "What is the weather in Paris?"}]
TOOLS = [
    {
        "type": "function",
        "function": {"name": "get_weather", "description": "Weather.", "parameters": {"type": "object", "properties": {}}},
    }
]


def cases(url):
    openai = OpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0)
    anthropic = Anthropic(api_key="none", base_url=url, max_retries=0)

    def chat(word, **more):
        return openai.chat.completions.create(
            model="gpt-4o-mini", messages=QUESTION, extra_headers={"x-stand-in": word}, **more
        )

    @mlflow.trace(span_type=SpanType.TOOL)
    def get_weather(city):
        return {"city": city, "degrees": 22}

    @mlflow.trace(span_type=SpanType.RETRIEVER)
    def search(query):
        return [Document(page_content="Paris is sunny.", metadata={"source": "manual"})]

    @mlflow.trace(name="weather", span_type=SpanType.AGENT, attributes={"plan": "pro"})
    def agent(city):
        mlflow.update_current_trace(metadata={"mlflow.trace.user": "ada", "mlflow.trace.session": "chat-1"})
        search("weather")
        chat("cached", temperature=0.2, max_tokens=200)
        return get_weather(city)

    def stream():
        for _ in chat("plain", stream=True, stream_options={"include_usage": True}):
            pass

    return {
        "agent": lambda: agent("Paris"),
        "tools": lambda: chat("tools", tools=TOOLS),
        "stream": stream,
        "responses": lambda: openai.responses.create(
            model="gpt-5", input="Celsius?", extra_headers={"x-stand-in": "reasoning"}
        ),
        "embeddings": lambda: openai.embeddings.create(model="text-embedding-3-small", input=["Paris", "Rome"]),
        "anthropic-cache-write": lambda: anthropic.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=100,
            system="Be brief.",
            messages=QUESTION,
            extra_headers={"x-stand-in": "cache-write"},
        ),
        "failed": lambda: chat("error-429"),
    }


with stand_in_provider() as url:
    _, exporter = set_tracer_provider()
    mlflow.openai.autolog()
    mlflow.anthropic.autolog()
    # Clients that trace themselves have spans beside its own.
    record("mlflow", exporter, cases(url), url, lambda span: span.instrumentation_scope.name.startswith("mlflow"))
