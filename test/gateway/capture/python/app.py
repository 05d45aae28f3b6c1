"""One trace of a shop that asks a model, exported by the OpenTelemetry SDK for Python, and what was said as log records.

    python app.py ENDPOINT [gzip|deflate|none]
"""

import sys

from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, get_current_span, set_span_in_context

endpoint, compression = sys.argv[1], Compression(sys.argv[2])
resource = Resource.create({"service.name": "python-shop"})
traces = TracerProvider(resource=resource)
traces.add_span_processor(
    BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", compression=compression))
)
logs = LoggerProvider(resource=resource)
logs.add_log_record_processor(
    BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{endpoint}/v1/logs", compression=compression))
)

tracer = traces.get_tracer("shop.instrumentation", "1.2.3")
logger = logs.get_logger("shop.instrumentation", "1.2.3")

with tracer.start_as_current_span("GET /", kind=SpanKind.SERVER) as root:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.stop_sequences": ["END", "STOP"],
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
        "shop.big": 2**53 + 1,
        "shop.flag": True,
        "shop.name": "Käse 🧀",
    }
    with tracer.start_as_current_span("chat gpt-4o-mini", kind=SpanKind.CLIENT, attributes=attributes) as chat:
        chat.add_event("retry", {"attempt": 1})
        chat.add_link(root.get_span_context(), {"why": "test"})
        for name, body in [
            ("gen_ai.user.message", {"content": "Which cheese?"}),
            ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": {"content": "Gouda."}}),
        ]:
            logger.emit(LogRecord(event_name=name, body=body, context=set_span_in_context(get_current_span())))
    with tracer.start_as_current_span("db") as db:
        db.set_status(Status(StatusCode.ERROR, "no connection"))

traces.shutdown()
logs.shutdown()
