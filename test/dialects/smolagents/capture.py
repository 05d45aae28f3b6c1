"""Captures the spans of smolagents as OpenInference instruments it.

    python3 -m venv <folder> && <folder>/bin/pip install -r test/dialects/smolagents/requirements.txt
    <folder>/bin/python test/dialects/smolagents/capture.py
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

from openinference.instrumentation.smolagents import SmolagentsInstrumentor
from record_fixtures import record, set_tracer_provider, stand_in_provider
from smolagents import OpenAIServerModel, ToolCallingAgent, tool


@tool
def get_weather(city: str) -> str:
    """Looks it up.

    Args:
        city: where
    """
    return f"22 degrees in {city}"


def cases(url):
    def ask():
        model = OpenAIServerModel("gpt-4o-mini", api_base=f"{url}/v1", api_key="none", client_kwargs={"max_retries": 0})
        agent = ToolCallingAgent(tools=[get_weather], model=model, name="assistant", max_steps=1)
        agent.run("What is the weather in Paris?")

    return {"smolagents": ask}


with stand_in_provider() as url:
    provider, exporter = set_tracer_provider()
    SmolagentsInstrumentor().instrument(tracer_provider=provider)
    record("open-inference", exporter, cases(url), url)
