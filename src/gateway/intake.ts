import type { IncomingHttpHeaders } from 'node:http';
import { ContentJoin, type SentSpan } from './content-join.ts';
import type { LogEvent } from './log-events.ts';
import type { Project, ProjectCounters } from './project.ts';
import type { ReceivedSpan } from './received-span.ts';
import { DEFAULT_PROJECT, projectOf, type RoutingRule } from './route.ts';

/** Brings spans, and what log records say about them, to the projects they belong to. */
export class Intake {
  readonly #projects: ReadonlyMap<string, Project>;
  readonly #rules: readonly RoutingRule[];
  readonly #join = new ContentJoin();
  /** Spans that never came here, because no trace has a place for them. */
  rejected = 0;

  /** @throws {RangeError} if a rule names a project that is not there. */
  constructor(projects: ReadonlyMap<string, Project>, rules: readonly RoutingRule[]) {
    for (const name of [DEFAULT_PROJECT, ...rules.map(({ project }) => project)]) {
      if (!projects.has(name)) throw new RangeError(`there is no project ${JSON.stringify(name)}`);
    }
    this.#projects = projects;
    this.#rules = rules;
  }

  /** What became of the spans, by name of the project. */
  get projects(): [name: string, counters: ProjectCounters][] {
    return Array.from(this.#projects, ([name, project]) => [name, project.counters()]);
  }

  /**
   * Resolves when all of them are where they survive.
   * @throws {HttpError} 503 if a project has no room for them.
   */
  async takeSpans(spans: readonly ReceivedSpan[], headers: IncomingHttpHeaders): Promise<void> {
    const sent = spans.map((span): SentSpan => ({ span, project: projectOf(this.#rules, headers, span) }));
    await this.#send(sent.map((one) => ({ ...one, span: this.#join.withEvents(one) })));
  }

  /**
   * Resolves when the spans that went without this content are where they survive with it. What belongs to spans that
   * have not come is kept in memory until they do.
   * @throws {HttpError} 503 if a project has no room for them.
   */
  async takeLogEvents(events: readonly LogEvent[]): Promise<void> {
    await this.#send(this.#join.spansOf(events));
  }

  async #send(spans: readonly SentSpan[]): Promise<void> {
    const groups = new Map<string, ReceivedSpan[]>();
    for (const { span, project } of spans) {
      const group = groups.get(project);
      if (group) group.push(span);
      else groups.set(project, [span]);
    }
    await Promise.all(Array.from(groups, ([name, group]) => this.#projects.get(name)?.take(group)));
  }
}
