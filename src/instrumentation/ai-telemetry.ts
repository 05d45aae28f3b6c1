import { tracingChannel } from 'node:diagnostics_channel';
import { type Context, context, type Span, trace, type TracerProvider } from '@opentelemetry/api';
import type { JsonObject } from '../model/json.ts';
import { guard } from '../util/guard.ts';
import { asNumber, asObject, asString } from '../util/json-read.ts';
import { AgentRun, finishSpan } from './agent-run.ts';
import { type AiMessage, writeError, writeRun, writeTool } from './agent-run-content.ts';
import { contextStore } from './context-store.ts';
import type { CaptureOptions, Instrument } from './instrument.ts';
import type { Patch } from './patch.ts';

/** Runs that may be open. Beyond, the oldest is ended: an app may drop a stream without reading it to its end. */
const MAX_RUNS = 1_000;

/** Listens to what the AI SDK says of the work it does. */
export function watchAiTelemetry({ aiTelemetry }: Instrument): Patch {
  return { restore: aiTelemetry.listen() };
}

/** How one kind of work begins, in which context it is done, and how it ends. `id` is that of the run it is part of. */
interface Work {
  begin(id: string, event: JsonObject, active: Context, message: AiMessage): Context | undefined;
  end(id: string, message: AiMessage): void;
}

/**
 * Makes spans of the runs of agents, of their steps and tools, from what the AI SDK says on its tracing channel; the
 * calls of models are seen on the wire, and have the usage. A call without tools is one step, and its span says it all.
 */
export class AiTelemetry {
  readonly #options: () => CaptureOptions;
  readonly #provider: () => TracerProvider | undefined;
  /** Oldest first. */
  readonly #runs = new Map<string, { run: AgentRun; message: AiMessage }>();
  readonly #toolSpans = new WeakMap<AiMessage, Span>();

  constructor(options: () => CaptureOptions, provider: () => TracerProvider | undefined) {
    this.#options = options;
    this.#provider = provider;
  }

  /** @returns a function that stops listening. */
  listen(): () => void {
    const { start, asyncEnd } = tracingChannel('ai:telemetry');
    const enter = (message: unknown): Context => {
      const active = context.active();
      return guard('ai telemetry', () => this.#begin(message as AiMessage, active)) ?? active;
    };
    const leave = (message: unknown): void => void guard('ai telemetry', () => this.#end(message as AiMessage));
    start.bindStore(contextStore, enter);
    asyncEnd.subscribe(leave);
    return () => {
      start.unbindStore(contextStore);
      asyncEnd.unsubscribe(leave);
      this.endAll();
    };
  }

  /** Ends the runs that are open, as they are. */
  endAll(): void {
    for (const [id, { message }] of this.#runs) this.#run.end(id, message);
  }

  #begin(message: AiMessage, active: Context): Context | undefined {
    const event = asObject(message.event) ?? {};
    const id = asString(event['callId']);
    return id === undefined ? undefined : this.#works.get(message.type)?.begin(id, event, active, message);
  }

  #end(message: AiMessage): void {
    const id = asString(asObject(message.event)?.['callId']);
    if (id !== undefined) this.#works.get(message.type)?.end(id, message);
  }

  readonly #run: Work = {
    begin: (id, { tools, functionId, recordInputs }, active, message) => {
      // Where the app has inputs left out, the SDK says nothing of tools either.
      const mayHaveTools = recordInputs === false || Object.keys(asObject(tools) ?? {}).length > 0;
      if (!mayHaveTools) return undefined;
      if (this.#runs.size >= MAX_RUNS) this.#endOldest();
      const run = new AgentRun(active, asString(functionId), this.#provider());
      this.#runs.set(id, { run, message });
      return run.contextIn(active);
    },
    end: (id, message) => {
      this.#runs.get(id)?.run.end((span) => writeRun(span, message, this.#options()));
      this.#runs.delete(id);
    },
  };

  readonly #step: Work = {
    begin: (id, { stepNumber }, active) => {
      const { run } = this.#runs.get(id) ?? {};
      run?.beginStep(asNumber(stepNumber) ?? 0);
      return run?.contextIn(active);
    },
    end: (id, message) =>
      this.#runs.get(id)?.run.endStep((span) => writeError(span, message.error, this.#options().mask)),
  };

  readonly #tool: Work = {
    begin: (id, { toolCall }, active, message) => {
      const { toolName, toolCallId } = asObject(toolCall) ?? {};
      const { run } = this.#runs.get(id) ?? {};
      const span = run?.startTool(active, asString(toolName) ?? 'unknown', asString(toolCallId));
      if (!span) return undefined;
      this.#toolSpans.set(message, span);
      return trace.setSpan(active, span);
    },
    end: (_id, message) =>
      finishSpan(this.#toolSpans.get(message), (span) => writeTool(span, message, this.#options())),
  };

  readonly #works: ReadonlyMap<unknown, Work> = new Map<unknown, Work>([
    ['generateText', this.#run],
    ['streamText', this.#run],
    ['step', this.#step],
    ['executeTool', this.#tool],
  ]);

  #endOldest(): void {
    for (const [id, { message }] of this.#runs) return this.#run.end(id, message);
  }
}
