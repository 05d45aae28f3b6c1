// Talks to LLM APIs over WebSockets with the libraries apps use, and prints what it got back.
import { GoogleGenAI } from '@google/genai';
import { withLlmContext } from 'otel-langfuse';
import { WebSocket as WsWebSocket } from 'ws';
import OpenAI from 'openai7';
import { OpenAIRealtimeWS } from 'openai7/realtime/ws';
import { ResponsesWS } from 'openai7/resources/responses/ws';
import { WebSocket as UndiciWebSocket } from 'undici';

const { REALTIME_URL, EXIT_DURING } = process.env;
const base = REALTIME_URL.replace('https:', 'wss:');
const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${REALTIME_URL}/v1`, maxRetries: 0 });
const events = [];
process.on('unhandledRejection', (error) => events.push(String(error)));
process.on('uncaughtException', (error) => events.push(String(error)));

const AUDIO = Buffer.alloc(4800).toString('base64');
const ask = (text) => [
  {
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
  },
  { type: 'response.create' },
];

/** Opens a socket, sends messages one answer at a time and tells all it saw, in order. */
function talk(WebSocket, url, turns, isTurnOver, options) {
  return new Promise((resolve) => {
    const seen = [];
    const socket = options ? new WebSocket(url, options) : new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    const left = [...turns];
    let hasLeft = false;
    const next = () => {
      const turn = left.shift();
      if (turn === 'terminate') {
        hasLeft = true;
        socket.terminate();
      } else if (turn) for (const message of turn) socket.send(JSON.stringify(message));
      else socket.close(1000, 'done');
    };
    socket.addEventListener('open', next);
    socket.addEventListener('message', ({ data }) => {
      const text = typeof data === 'string' ? data : Buffer.from(data).toString();
      if (hasLeft) return;
      seen.push(text);
      if (isTurnOver(JSON.parse(text))) next();
    });
    socket.addEventListener('error', () => {
      seen.push('error');
      // The global WebSocket of Node 20 stops at that.
      setTimeout(() => resolve(seen), 300);
    });
    socket.addEventListener('close', ({ code, reason, wasClean }) => {
      seen.push({ code, reason, wasClean });
      resolve(seen);
    });
  });
}

function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const responseDone = ({ type }) => type === 'response.done';
const realtime = (scenario) => `${base}/v1/realtime?model=gpt-realtime&scenario=${scenario}`;
const speech = [
  { type: 'input_audio_buffer.append', audio: AUDIO },
  { type: 'input_audio_buffer.append', audio: AUDIO },
  { type: 'input_audio_buffer.commit' },
];
const setup = { setup: { model: 'models/gemini-live-2.5-flash', generationConfig: { responseModalities: ['AUDIO'] } } };
const live = [
  [setup],
  [{ clientContent: { turns: [{ role: 'user', parts: [{ text: 'Say hello.' }] }], turnComplete: true } }],
];
const livePath = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const liveDone = ({ setupComplete, serverContent }) => Boolean(setupComplete ?? serverContent?.turnComplete);

const scenarios = {
  'ws two turns': () => talk(WsWebSocket, realtime('two-turns'), [ask('One?'), ask('Two?')], responseDone),
  'ws compressed': () =>
    talk(WsWebSocket, realtime('compressed'), [ask('One?'), ask('Two?'), ask('Three?')], responseDone, {
      perMessageDeflate: { threshold: 0 },
    }),
  'ws speech': () => talk(WsWebSocket, realtime('speech'), [speech], responseDone),
  'ws refused': () => talk(WsWebSocket, realtime('refused'), [], responseDone),
  'ws cut by the server': () => talk(WsWebSocket, realtime('cut'), [ask('One?')], responseDone),
  'ws dropped by the app': () => talk(WsWebSocket, realtime('dropped'), [ask('One?'), 'terminate'], responseDone),
  'ws closed with an error': () => talk(WsWebSocket, realtime('expired'), [ask('One?')], responseDone),
  'ws to no LLM': () => talk(WsWebSocket, `${base}/chat?scenario=no-llm`, [ask('One?')], responseDone),
  'ws live': () => talk(WsWebSocket, `${base}${livePath}?scenario=live`, live, liveDone),
  'global two turns': () => talk(WebSocket, realtime('global'), [ask('One?'), ask('Two?')], responseDone),
  'global refused': () => talk(WebSocket, realtime('global-refused'), [], responseDone),
  'global live': () => talk(WebSocket, `${base}${livePath}?scenario=global-live`, live, liveDone),
  'openai realtime': async () => {
    const session = new OpenAIRealtimeWS({ model: 'gpt-realtime' }, client);
    const types = [];
    await new Promise((resolve, reject) => {
      session.on('error', reject);
      session.socket.on('open', () => ask('One?').forEach((message) => session.send(message)));
      session.on('event', ({ type }) => types.push(type));
      session.on('response.done', ({ response }) => resolve(types.push(response.usage)));
    });
    session.close();
    return types;
  },
  'undici two turns': () => talk(UndiciWebSocket, realtime('undici'), [ask('One?'), ask('Two?')], responseDone),
  'genai live': async () => {
    const ai = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: REALTIME_URL } });
    const seen = [];
    const { promise, resolve } = withResolvers();
    const session = await ai.live.connect({
      model: 'gemini-live-2.5-flash',
      callbacks: {
        onmessage: (message) => {
          seen.push(message);
          if (message.serverContent?.turnComplete) resolve();
        },
      },
    });
    session.sendClientContent({ turns: 'Say hello.', turnComplete: true });
    await promise;
    session.close();
    return seen;
  },
  'ws two users': async () => {
    const socket = new WsWebSocket(realtime('users'));
    const answered = (user) => {
      const { promise, resolve } = withResolvers();
      socket.on('message', (data) => responseDone(JSON.parse(data)) && resolve(user));
      withLlmContext({ userId: user }, () => ask('One?').forEach((message) => socket.send(JSON.stringify(message))));
      return promise;
    };
    await new Promise((resolve) => {
      socket.on('open', resolve);
    });
    const users = [await answered('ada'), await answered('grace')];
    socket.close();
    return users;
  },
  'openai responses': async () => {
    const session = new ResponsesWS(client);
    const seen = [];
    for (const input of ['One?', 'Two?']) {
      session.send({ type: 'response.create', model: 'gpt-5-mini', input });
      for await (const event of session) {
        if (event.type !== 'message') continue;
        seen.push(event.message.type);
        if (event.message.type === 'response.completed') break;
      }
    }
    session.close();
    return seen;
  },
};

if (EXIT_DURING) {
  const socket = new WsWebSocket(realtime('stalled'));
  socket.on('open', () => ask('One?').forEach((message) => socket.send(JSON.stringify(message))));
  socket.on('message', (data) => String(data).includes('output_text.delta') && process.exit(0));
} else {
  const results = {};
  for (const [name, run] of Object.entries(scenarios)) {
    results[name] = await run().catch((error) => ({ error: String(error) }));
  }
  console.log(JSON.stringify({ scenarios: results, events }));
}
