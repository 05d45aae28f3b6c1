"""Captures the spans of Strands Agents, in both forms of its messages.

    python3 -m venv <folder> && <folder>/bin/pip install -r test/dialects/strands/requirements.txt
    <folder>/bin/python test/dialects/strands/capture.py
"""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

import strands.telemetry.tracer
from record_fixtures import record, set_tracer_provider, stand_in_provider
from strands import Agent, tool
from strands.models.anthropic import AnthropicModel
from strands.models.openai import OpenAIModel

QUESTION = "What is the weather in Paris?"


@tool
def get_weather(city: str) -> dict:
    """Looks it up."""
    return {"status": "success", "content": [{"text": f"22 degrees in {city}"}]}


def cases(url):
    def headers(word):
        return {"default_headers": {"x-stand-in": word}} if word else {}

    def openai(word=None):
        options = {"api_key": "none", "base_url": f"{url}/v1", "max_retries": 0, **headers(word)}
        return OpenAIModel(client_args=options, model_id="gpt-4o-mini", params={"temperature": 0.2})

    def anthropic(word):
        options = {"api_key": "none", "base_url": url, "max_retries": 0, **headers(word)}
        return AnthropicModel(client_args=options, model_id="claude-sonnet-4-5", max_tokens=100)

    def ask(model, convention="", **options):
        def run():
            os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = convention
            # The tracer reads the convention once.
            strands.telemetry.tracer._tracer_instance = None
            attributes = {"session.id": "chat-1", "user.id": "ada", "tags": ["beta"]}
            agent = Agent(
                model=model,
                name="assistant",
                system_prompt="Be brief.",
                callback_handler=None,
                trace_attributes=attributes,
                **options,
            )
            agent(QUESTION)

        return run

    return {
        "tools": ask(openai(), tools=[get_weather]),
        "latest-tools": ask(openai(), "gen_ai_latest_experimental", tools=[get_weather]),
        "cached": ask(openai("cached")),
        "anthropic-cache-write": ask(anthropic("cache-write")),
        "failed": ask(openai("error-400")),
    }


with stand_in_provider() as url:
    _, exporter = set_tracer_provider()
    record("strands", exporter, cases(url), url)
