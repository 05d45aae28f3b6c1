import { constants, inflateRawSync } from 'node:zlib';

/** What a sender leaves out of each compressed message. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
/** How far back deflate refers. */
const WINDOW_BYTES = 32 * 1024;

/** For each side of a connection how to undo its compression, by the extensions that the server agreed to. */
export function inflateContexts(extensions: string | undefined): Partial<Record<'client' | 'server', InflateContext>> {
  const [name, ...parameters] = (extensions ?? '').toLowerCase().split(/\s*[;,]\s*/);
  if (name !== 'permessage-deflate') return {};
  const context = (side: string): InflateContext =>
    new InflateContext(!parameters.includes(`${side}_no_context_takeover`));
  return { client: context('client'), server: context('server') };
}

/**
 * Undoes `permessage-deflate` in one direction of a WebSocket. A message may refer to those before it; the last 32 KB of
 * what they said, given as a dictionary, are all that this takes. Synchronous, so that the end of the process can wait
 * for it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7692#section-7
 */
export class InflateContext {
  readonly #keepsContext: boolean;
  #window: Buffer = Buffer.alloc(0);
  #isLost = false;

  /** @param keepsContext whether messages may refer to those before them. */
  constructor(keepsContext: boolean) {
    this.#keepsContext = keepsContext;
  }

  /** The message as it was before compression; `undefined` if it is damaged, too long or refers to one that was. */
  decode(message: Uint8Array, maxBytes: number): Uint8Array | undefined {
    if (this.#isLost) return undefined;
    try {
      const plain = inflateRawSync(Buffer.concat([message, TAIL]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: maxBytes,
        ...(this.#window.length > 0 && { dictionary: this.#window }),
      });
      if (this.#keepsContext) this.#remember(plain);
      return plain;
    } catch {
      this.lose();
      return undefined;
    }
  }

  /** A message was not seen: without it, those that refer to it cannot be read. */
  lose(): void {
    this.#isLost = this.#keepsContext;
  }

  /** A copy, so that a short window does not hold on to a long message. */
  #remember(plain: Buffer): void {
    const recent = plain.length >= WINDOW_BYTES ? plain : Buffer.concat([this.#window, plain]);
    this.#window = Buffer.from(recent.subarray(-WINDOW_BYTES));
  }
}
