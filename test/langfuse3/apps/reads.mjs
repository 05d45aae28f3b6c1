// What an app reads from Langfuse, and its scores.
import { Langfuse } from 'langfuse';

const langfuse = new Langfuse();
const id = process.env.TRACE_ID;
const trace = langfuse.trace({ id, name: 'scored' });
const generation = trace.generation({ id: 'my generation', name: 'call', model: 'gpt-4o' });
generation.end({ usage: { input: 1, output: 1 } });
trace.score({ name: 'quality', value: 0.9, comment: 'good' });
generation.score({ name: 'tone', value: 'friendly' });
await langfuse.flushAsync();

const fetched = await langfuse.fetchTrace(id);
const traces = await langfuse.fetchTraces({ userId: 'user-123', limit: 10 });
const observation = await langfuse.fetchObservation('my generation');
const observations = await langfuse.fetchObservations({ traceId: id });
const older = await langfuse.fetchTrace('older trace');
const prompt = await langfuse.getPrompt('qa');
await langfuse.shutdownAsync();
console.log(
  JSON.stringify({
    fetched: fetched.data,
    traces: traces.data,
    observation: observation.data,
    observations: observations.data,
    older: older.data,
    prompt: prompt.prompt,
  }),
);
