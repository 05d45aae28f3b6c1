import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '../../src/model/json.ts';
import type { SessionFacts, SessionProtocol, Turn } from '../../src/protocol/session/session-protocol.ts';
import { SESSION_PROTOCOLS } from '../../src/protocol/session/session-protocols.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';

const ROOT = path.join(import.meta.dirname, '..', 'fixtures', 'sessions');

/** A message as a fixture has it, with who sent it. */
export interface FixtureMessage {
  at: number;
  from: 'client' | 'server';
  data: JsonObject;
}

/** A session of `test/fixtures/sessions/<protocol>/<case>.jsonl`, and the turns its reader must find in it. */
export interface SessionFixture {
  protocol: SessionProtocol;
  title: string;
  messages: FixtureMessage[];
  expected: unknown[];
}

export const FACTS: SessionFacts = {
  host: 'llm.example',
  path: '/v1/realtime',
  query: new URLSearchParams('model=gpt-realtime'),
};

export function loadSessionFixtures(): SessionFixture[] {
  return SESSION_PROTOCOLS.flatMap((protocol) => {
    const folder = path.join(ROOT, protocol.id);
    const names = readdirSync(folder).filter((file) => file.endsWith('.jsonl'));
    return names.map((name) => ({
      protocol,
      title: `${protocol.id} ${path.basename(name, '.jsonl')}`,
      messages: readFileSync(path.join(folder, name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as FixtureMessage),
      expected: JSON.parse(readFileSync(path.join(folder, name.replace('.jsonl', '.expected.json')), 'utf8')) as [],
    }));
  });
}

/** The turns of a session, and those that its end cuts. */
export function readSession(
  protocol: SessionProtocol,
  messages: readonly FixtureMessage[],
  maxTextLength = 100_000,
): Turn[] {
  const reader = protocol.reader(FACTS, maxTextLength);
  const turns = messages.flatMap(({ from, ...message }) =>
    from === 'client' ? reader.sent(message) : reader.received(message),
  );
  return [...turns, ...reader.end((messages.at(-1)?.at ?? 0) + 100)];
}

/** A turn as expectations have it: the usage in disjoint buckets, the message that asked by its time. */
export function shown({ asked, response: { rawUsage: _raw, usage, ...response }, ...turn }: Turn): unknown {
  return {
    ...turn,
    response,
    ...(asked && { askedAt: asked.at }),
    ...(usage && { disjoint: toDisjointUsage(usage), ...(usage.units && { units: usage.units }) }),
  };
}
