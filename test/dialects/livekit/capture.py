"""Captures the spans of LiveKit Agents, in a session of text without a room.

    python3 -m venv <folder> && <folder>/bin/pip install -r test/dialects/livekit/requirements.txt
    <folder>/bin/python test/dialects/livekit/capture.py
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

import openai
from livekit.agents import Agent, AgentSession, function_tool, telemetry
from livekit.plugins.openai import LLM
from record_fixtures import record, set_tracer_provider, stand_in_provider


class Assistant(Agent):
    def __init__(self):
        super().__init__(instructions="Be brief.")

    @function_tool
    async def get_weather(self, city: str) -> str:
        """Looks it up."""
        return f"22 degrees in {city}"


def cases(url):
    def ask(word=None):
        async def run():
            headers = {"x-stand-in": word} if word else {}
            client = openai.AsyncClient(
                api_key="none", base_url=f"{url}/v1", max_retries=0, default_headers=headers
            )
            async with LLM(model="gpt-4o-mini", temperature=0.2, client=client) as llm, AgentSession(llm=llm) as session:
                await session.start(Assistant())
                await session.run(user_input="What is the weather in Paris?")

        return run

    return {"tools": ask(), "cached": ask("cached")}


with stand_in_provider() as url:
    provider, exporter = set_tracer_provider()
    telemetry.set_tracer_provider(provider)
    # A session has a dozen more that have nothing to do with the model.
    record("livekit", exporter, cases(url), url, lambda span: any(name.startswith("gen_ai.") for name in span.attributes))
