import type { Dialect } from './dialect.ts';
import { genAi } from './gen-ai.ts';

const SCOPE = 'mistralai_sdk_tracer';

/**
 * The spans that Mistral's client makes itself, since version 2: those of the GenAI conventions, but that each message
 * of a conversation's answer is called a chat too. It is none that anybody asked for or that used tokens of its own.
 */
export const mistralSdk: Dialect = {
  id: 'mistral-sdk',
  recognises: (attributes, scope) => scope === SCOPE && genAi.recognises(attributes, scope),
  carries: genAi.carries,
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const reading = genAi.read(span);
    const isPart = reading.call?.operation === 'chat' && reading.call.requestModel === undefined;
    return isPart ? { ...reading, type: 'span' } : reading;
  },
};
