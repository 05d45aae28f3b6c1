import { googleLive } from './google-live.ts';
import { openaiRealtime } from './openai-realtime.ts';
import { openaiResponsesSession } from './openai-responses-session.ts';
import type { SessionProtocol } from './session-protocol.ts';

/** Every protocol of sessions we can read; the first that matches wins. A new one is a file and a row here. */
export const SESSION_PROTOCOLS: readonly SessionProtocol[] = [openaiRealtime, openaiResponsesSession, googleLive];

/** The protocol of a WebSocket to this URL path (no query) at this host, if it is one of ours. */
export function findSessionProtocol(path: string, host: string): SessionProtocol | undefined {
  return SESSION_PROTOCOLS.find((protocol) => protocol.matches(path, host));
}
