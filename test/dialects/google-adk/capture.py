"""Captures the spans of Google's Agent Development Kit, whose model is played by a server in this file. Before version 2
its messages were attributes of its own: once with `requirements.txt`, once with `requirements-former.txt`.

    python3 -m venv <folder> && <folder>/bin/pip install -r test/dialects/google-adk/requirements.txt
    <folder>/bin/python test/dialects/google-adk/capture.py
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

from google.adk import version
from google.adk.agents import Agent
from google.adk.runners import InMemoryRunner
from google.genai import types
from record_fixtures import record, set_tracer_provider

MODEL = "gemini-2.5-flash"
QUESTION = "What is the weather in Paris?"
TEXT = {"text": "Paris is sunny, 22 °C."}
THOUGHT = {"text": "Celsius, then.", "thought": True}
CALL = {"functionCall": {"id": "call_1", "name": "get_weather", "args": {"city": "Paris"}}}
USAGE = {"promptTokenCount": 1480, "cachedContentTokenCount": 1024, "candidatesTokenCount": 31}


class Gemini(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        wants_tool = "tools" in request and "functionResponse" not in json.dumps(request)
        status = 429 if "fail" in json.dumps(request["contents"]) else 200
        body = {
            "candidates": [
                {"content": {"role": "model", "parts": [CALL] if wants_tool else [THOUGHT, TEXT]}, "finishReason": "STOP"}
            ],
            "usageMetadata": {
                **USAGE,
                **({"totalTokenCount": 1511} if wants_tool else {"thoughtsTokenCount": 212, "totalTokenCount": 1723}),
            },
            "modelVersion": f"{MODEL}-001",
            "responseId": "kx0oafL1GJ2fmtkP2ZyV0A8",
        }
        error = {"error": {"code": 429, "message": "Resource exhausted", "status": "RESOURCE_EXHAUSTED"}}
        answer = json.dumps(body if status == 200 else error).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def get_weather(city: str) -> dict:
    """Looks it up."""
    return {"city": city, "degrees": 22}


def ask(question, tools=()):
    async def run():
        agent = Agent(
            name="assistant",
            model=MODEL,
            instruction="Be brief.",
            tools=list(tools),
            generate_content_config=types.GenerateContentConfig(temperature=0.2, max_output_tokens=200),
        )
        runner = InMemoryRunner(agent, app_name="weather")
        session = await runner.session_service.create_session(app_name="weather", user_id="ada")
        message = types.Content(role="user", parts=[types.Part(text=question)])
        async for _ in runner.run_async(user_id="ada", session_id=session.id, new_message=message):
            pass

    return run


server = HTTPServer(("127.0.0.1", 0), Gemini)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
os.environ.update(
    GOOGLE_API_KEY="none",
    GOOGLE_GEMINI_BASE_URL=url,
    OTEL_SEMCONV_STABILITY_OPT_IN="gen_ai_latest_experimental",
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="SPAN_ONLY",
)
_, exporter = set_tracer_provider()
cases = {"tools": ask(QUESTION, [get_weather]), "failed": ask("Please fail")}
major = version.__version__.split(".")[0]
record("google-adk", exporter, {f"v{major}-{name}": run for name, run in cases.items()}, url)
