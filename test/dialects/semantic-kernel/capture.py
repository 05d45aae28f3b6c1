"""Captures the spans of Semantic Kernel.

    python3 -m venv <folder> && <folder>/bin/pip install -r test/dialects/semantic-kernel/requirements.txt
    <folder>/bin/python test/dialects/semantic-kernel/capture.py
"""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))
os.environ["SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS"] = "true"
os.environ["SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS_SENSITIVE"] = "true"

from openai import AsyncOpenAI
from record_fixtures import record, set_tracer_provider, stand_in_provider
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion
from semantic_kernel.functions import kernel_function

QUESTION = "What is the weather in Paris?"


class Weather:
    @kernel_function(description="Looks it up.")
    def get_weather(self, city: str) -> str:
        return f"22 degrees in {city}"


def cases(url):
    def ask(word=None, **options):
        async def run():
            headers = {"x-stand-in": word} if word else {}
            client = AsyncOpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0, default_headers=headers)
            agent = ChatCompletionAgent(
                service=OpenAIChatCompletion("gpt-4o-mini", async_client=client),
                name="assistant",
                instructions="Be brief.",
                **options,
            )
            await agent.get_response(messages=QUESTION)

        return run

    return {
        "semantic-kernel-tools": ask(plugins=[Weather()]),
        "semantic-kernel-cached": ask("cached"),
        "semantic-kernel-failed": ask("error-400"),
    }


with stand_in_provider() as url:
    _, exporter = set_tracer_provider()
    record("gen-ai", exporter, cases(url), url, lambda span: "gen_ai.operation.name" in span.attributes)
