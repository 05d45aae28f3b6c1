"""Captures the spans of Pydantic AI, in the versions of its format, and of Logfire's own instrumentations.

    python3 -m venv <folder> && <folder>/bin/pip install -r test/dialects/pydantic-ai/requirements.txt
    <folder>/bin/python test/dialects/pydantic-ai/capture.py
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

import logfire
from anthropic import Anthropic, AsyncAnthropic
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.capabilities import Instrumentation
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from record_fixtures import record, set_tracer_provider, stand_in_provider

QUESTION = "What is the weather in Paris?"


class Weather(BaseModel):
    city: str
    degrees: int


def cases(url, provider):
    def answer(word):
        return {"x-stand-in": word} if word else {}

    def openai(model, word, kind=OpenAIChatModel):
        client = AsyncOpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0, default_headers=answer(word))
        return kind(model, provider=OpenAIProvider(openai_client=client))

    def anthropic(word):
        client = AsyncAnthropic(api_key="none", base_url=url, max_retries=0, default_headers=answer(word))
        return AnthropicModel("claude-sonnet-4-5", provider=AnthropicProvider(anthropic_client=client))

    def agent(model, version=5, **options):
        settings = InstrumentationSettings(tracer_provider=provider, version=version)
        return Agent(
            model,
            name="assistant",
            capabilities=[Instrumentation(settings=settings)],
            instructions="Be brief.",
            model_settings={"temperature": 0.2},
            **options,
        )

    def get_weather(city: str) -> dict:
        """Looks it up."""
        return {"city": city, "degrees": 22}

    async def streamed():
        async with agent(anthropic("cached")).run_stream(QUESTION) as run:
            await run.get_output()

    return {
        "tools": lambda: agent(openai("gpt-4o-mini", None), tools=[get_weather]).run_sync(QUESTION),
        "v2-tools": lambda: agent(openai("gpt-4o-mini", None), 2, tools=[get_weather]).run_sync(QUESTION),
        "reasoning": lambda: agent(openai("gpt-5", "reasoning", OpenAIResponsesModel)).run_sync(QUESTION),
        "cached": lambda: agent(openai("gpt-4o-mini", "cached")).run_sync(QUESTION),
        "structured": lambda: agent(openai("gpt-4o-mini", "structured"), output_type=Weather).run_sync(QUESTION),
        "anthropic-cache-write": lambda: agent(anthropic("cache-write")).run_sync(QUESTION),
        "anthropic-stream": streamed,
        "failed": lambda: agent(openai("gpt-4o-mini", "error-429")).run_sync(QUESTION),
    }


def logfire_cases(url):
    """What Logfire makes of a client's calls itself."""
    question = [{"role": "user", "content": QUESTION}]

    def openai(word):
        client = OpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0, default_headers={"x-stand-in": word})
        logfire.instrument_openai(client)
        return client

    def anthropic(word):
        client = Anthropic(api_key="none", base_url=url, max_retries=0, default_headers={"x-stand-in": word})
        logfire.instrument_anthropic(client)
        return client

    def streamed():
        for _ in openai("plain").chat.completions.create(model="gpt-4o-mini", messages=question, stream=True):
            pass

    return {
        "logfire-openai": lambda: openai("cached").chat.completions.create(
            model="gpt-4o-mini", messages=question, temperature=0.2
        ),
        "logfire-openai-tools": lambda: openai("tools").chat.completions.create(model="gpt-4o-mini", messages=question),
        "logfire-openai-stream": streamed,
        "logfire-openai-responses": lambda: openai("reasoning").responses.create(model="gpt-5", input=QUESTION),
        "logfire-openai-embeddings": lambda: openai("plain").embeddings.create(
            model="text-embedding-3-small", input=["Paris", "Rome"]
        ),
        "logfire-anthropic": lambda: anthropic("cache-write").messages.create(
            model="claude-sonnet-4-5", max_tokens=100, system="Be brief.", messages=question
        ),
    }


with stand_in_provider() as url:
    logfire.configure(send_to_logfire=False, console=False, inspect_arguments=False)
    provider, exporter = set_tracer_provider(logfire.DEFAULT_LOGFIRE_INSTANCE.config.get_tracer_provider())
    # Anthropic's client makes spans of its own inside.
    record(
        "pydantic-ai",
        exporter,
        {**cases(url, provider), **logfire_cases(url)},
        url,
        lambda span: span.instrumentation_scope.name.startswith(("pydantic-ai", "logfire")),
    )
