"""Captures the spans of Pydantic AI before version 1, whose messages were lists of events.

    python3 -m venv <folder> && <folder>/bin/pip install -r test/dialects/pydantic-ai/requirements-former.txt
    <folder>/bin/python test/dialects/pydantic-ai/capture-former.py
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from record_fixtures import record, set_tracer_provider, stand_in_provider

QUESTION = "What is the weather in Paris?"


def cases(url, provider):
    def options(word):
        headers = {"default_headers": {"x-stand-in": word}} if word else {}
        return {"api_key": "none", "max_retries": 0, **headers}

    def openai(word=None):
        client = AsyncOpenAI(base_url=f"{url}/v1", **options(word))
        return OpenAIChatModel("gpt-4o-mini", provider=OpenAIProvider(openai_client=client))

    def anthropic(word):
        client = AsyncAnthropic(base_url=url, **options(word))
        return AnthropicModel("claude-sonnet-4-5", provider=AnthropicProvider(anthropic_client=client))

    def agent(model, **given):
        settings = InstrumentationSettings(tracer_provider=provider, event_mode="attributes", version=1)
        return Agent(model, name="assistant", instrument=settings, instructions="Be brief.", **given)

    def get_weather(city: str) -> dict:
        """Looks it up."""
        return {"city": city, "degrees": 22}

    return {
        "v1-tools": lambda: agent(openai(), tools=[get_weather]).run_sync(QUESTION),
        "v1-cached": lambda: agent(openai("cached")).run_sync(QUESTION),
        "v1-anthropic-cache-write": lambda: agent(anthropic("cache-write")).run_sync(QUESTION),
    }


with stand_in_provider() as url:
    provider, exporter = set_tracer_provider()
    record("pydantic-ai", exporter, cases(url, provider), url)
