/**
 * The stand-in provider for a capture script in another language: prints its address and runs until its input ends. An
 * agent gets calls of its tools first, and an answer when it has their results.
 */
import { startStandInProvider } from '../support/stand-in-provider.mjs';

const TOOL_RESULT = /"(?:tool_result|function_call_output|tool_call_id)"/;

const provider = await startStandInProvider({
  choose: (body) => (body.tools?.length > 0 && !TOOL_RESULT.test(JSON.stringify(body)) ? 'tools' : 'plain'),
});
process.stdout.write(`${provider.url}\n`);
process.stdin.resume().once('end', () => void provider.close());
