/**
 * The stand-in provider for a capture script in another language: prints its address and runs until its input ends. An
 * agent gets calls of its tools first, and an answer when it has their results.
 */
import { ANSWERS } from '../support/stand-in/answers.mjs';
import { startStandInProvider } from '../support/stand-in-provider.mjs';

/** Not every client can read two calls whose arguments arrive interleaved. */
const tools = { ...ANSWERS.tools, toolCalls: ANSWERS.tools.toolCalls.slice(0, 1) };
const TOOL_RESULT = /"(?:tool_result|function_call_output|tool_call_id)"/;

const provider = await startStandInProvider({
  answers: { tools },
  choose: (body) => (body.tools?.length > 0 && !TOOL_RESULT.test(JSON.stringify(body)) ? 'tools' : 'plain'),
});
process.stdout.write(`${provider.url}\n`);
process.stdin.resume().once('end', () => void provider.close());
