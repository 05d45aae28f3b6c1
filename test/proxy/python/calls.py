"""Makes one call of each kind with the openai package, and reads the answers as an app does."""
import sys

from openai import OpenAI

client = OpenAI(
    api_key="sk-python",
    base_url=f"{sys.argv[1]}/openai/v1",
    max_retries=0,
    default_headers={"x-langfuse-user-id": "ada", "x-langfuse-session-id": "python"},
)
messages = [{"role": "user", "content": "Is 91 prime? \u00bfy 97?"}]

answer = client.chat.completions.create(model="python-chat", messages=messages)
assert answer.choices[0].message.content
usage = {"include_usage": True}
chunks = list(client.chat.completions.create(model="python-stream", messages=messages, stream=True, stream_options=usage))
assert chunks[-1].usage.total_tokens > 0
assert client.responses.create(model="python-responses", input="Is 91 prime?").output_text
