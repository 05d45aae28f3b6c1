import { context, type TracerProvider } from '@opentelemetry/api';
import { type LlmContext, llmContextOf } from '../context/llm-context.ts';
import type { SessionProtocol } from '../protocol/session/session-protocol.ts';
import { guard } from '../util/guard.ts';
import type { CaptureOptions } from './instrument.ts';
import { Session, type SessionEvents, type SessionUrl } from './session.ts';
import { endSession, startSession, writeTurn } from './session-spans.ts';

/** How long messages wait for company before they are read. */
const DELAY_MS = 50;

/** Holds the sessions of the process and writes the spans of their turns as these end, and their own at the end. */
export class Sessions implements SessionEvents {
  readonly #options: () => CaptureOptions;
  readonly #provider: () => TracerProvider | undefined;
  /** Each is ended at the latest when the process exits. */
  readonly #open = new Set<Session>();
  /** Those that something has happened to. */
  readonly #waiting = new Set<Session>();
  #scheduled = false;

  constructor(options: () => CaptureOptions, provider: () => TracerProvider | undefined) {
    this.#options = options;
    this.#provider = provider;
  }

  /** Begins a session, or not: tracing may be suppressed or unsampled. */
  begin(protocol: SessionProtocol, url: SessionUrl): Session | undefined {
    const started = startSession(protocol, url, this.#provider());
    if (!started?.span.isRecording()) return undefined;
    const session = new Session({ protocol, url, ...started }, this.#options().maxContentLength, this);
    this.#open.add(session);
    return session;
  }

  onBytes(session: Session): void {
    this.#waiting.add(session);
    if (session.isFull) this.#read(session);
    else this.#schedule();
  }

  onEnd(session: Session): void {
    this.#waiting.add(session);
    this.#schedule();
  }

  currentValues(): LlmContext | undefined {
    return llmContextOf(context.active());
  }

  /** Writes the turns that have ended; with `final` the open ones end too, as cut by the end of the process. */
  readNow(final = false): void {
    if (final) for (const session of this.#open) session.closed();
    for (const session of this.#waiting) this.#read(session);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      guard('reading sessions', () => this.readNow());
    }, DELAY_MS).unref();
  }

  #read(session: Session): void {
    this.#waiting.delete(session);
    guard('reading a session', () => {
      for (const turn of session.read()) {
        guard('writing a turn', () => writeTurn(session, turn, this.#options(), this.#provider()));
      }
    });
    if (session.isOpen || !this.#open.delete(session)) return;
    guard('ending a session', () => endSession(session));
  }
}
