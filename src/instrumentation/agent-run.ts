import {
  type Attributes,
  type Context,
  createContextKey,
  type Span,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { llmContextAttributes, llmContextOf } from '../context/llm-context.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { guard } from '../util/guard.ts';
import { SCOPE } from './scope.ts';

const KEY = createContextKey('otel-langfuse agent run');

interface Step {
  /** From 0. */
  number: number;
  startTime: Date;
  span?: Span;
}

export type SpanWriter = (span: Span) => void;

/** Ends a span, whatever becomes of writing on it. */
export function finishSpan(span: Span | undefined, write: SpanWriter): void {
  if (!span) return;
  guard('writing a span', () => write(span));
  span.end();
}

/**
 * A run of an agent: the steps it takes, one after the other, and the tools it uses in them. Its spans are made when a
 * model is called in it and no span of anybody else stands between the run and the call: where another instrumentation
 * traces the run, one does, and the run goes without spans of ours.
 */
export class AgentRun {
  readonly #outer: Context;
  /** What the app calls the agent. */
  readonly #name: string | undefined;
  readonly #provider: TracerProvider;
  readonly #startTime = new Date();
  #span: Span | undefined;
  #step: Step | undefined;

  constructor(outer: Context, name: string | undefined, provider: TracerProvider = trace.getTracerProvider()) {
    this.#outer = outer;
    this.#name = name;
    this.#provider = provider;
  }

  /** A context in which the models that are called are known to be called by this run. */
  contextIn(active: Context): Context {
    return active.setValue(KEY, this);
  }

  beginStep(number: number): void {
    this.#step = { number, startTime: new Date() };
  }

  /** @param write puts on the span, if the step has one, what is to be seen of it. */
  endStep(write: SpanWriter = () => {}): void {
    finishSpan(this.#step?.span, write);
    this.#step = undefined;
  }

  /** Ends the run and the step it is in. */
  end(write: SpanWriter): void {
    this.endStep();
    finishSpan(this.#span, write);
  }

  /** A model is called: makes the spans that are not there yet. @returns the context for the call. */
  callsModel(active: Context): Context {
    if (trace.getSpan(active) !== trace.getSpan(this.#outer)) return active;
    this.#span ??= this.#startRun();
    const inRun = trace.setSpan(active, this.#span);
    if (!this.#step) return inRun;
    this.#step.span ??= this.#startStep(this.#step, inRun);
    return trace.setSpan(active, this.#step.span);
  }

  /** @returns the span of a tool that is used now, if the run has spans. */
  startTool(active: Context, name: string, callId: string | undefined): Span | undefined {
    const parent = this.#step?.span ?? this.#span;
    if (!parent) return undefined;
    return this.#startSpan(`execute_tool ${name}`, trace.setSpan(active, parent), new Date(), {
      [GEN_AI.operation]: 'execute_tool',
      [GEN_AI.toolName]: name,
      ...(callId !== undefined && { [GEN_AI.toolCallId]: callId }),
    });
  }

  #startRun(): Span {
    const named = this.#name === undefined ? undefined : { [GEN_AI.agentName]: this.#name };
    const title = ['invoke_agent', this.#name].filter(Boolean).join(' ');
    return this.#startSpan(title, this.#outer, this.#startTime, { [GEN_AI.operation]: 'invoke_agent', ...named });
  }

  /** Named as the AI SDK's own telemetry names it. */
  #startStep({ number, startTime }: Step, inRun: Context): Span {
    return this.#startSpan(`step ${number + 1}`, inRun, startTime, { [GEN_AI.operation]: 'agent_step' });
  }

  #startSpan(name: string, parent: Context, startTime: Date, attributes: Attributes): Span {
    const values = llmContextOf(parent);
    return this.#provider
      .getTracer(SCOPE.name, SCOPE.version)
      .startSpan(
        name,
        { startTime, attributes: { ...attributes, ...(values && llmContextAttributes(values)) } },
        parent,
      );
  }
}

/** The context for a call of a model: where it is part of an agent's run, below the span of the step that makes it. */
export function withinAgentRun(active: Context): Context {
  const run = active.getValue(KEY);
  return run instanceof AgentRun ? run.callsModel(active) : active;
}
