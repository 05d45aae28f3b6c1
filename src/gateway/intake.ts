import type { IncomingHttpHeaders } from 'node:http';
import { ContentJoin, type SentSpan } from './content-join.ts';
import type { LogEvent } from './log-events.ts';
import type { Project, ProjectCounters } from './project.ts';
import type { ReceivedSpan, ReceivedSpans } from './received-span.ts';
import { projectOf, type RoutingRule } from './route.ts';

/** Brings spans, and what log records say about them, to the projects they belong to. */
export class Intake {
  readonly #projects: ReadonlyMap<string, Project>;
  readonly #rules: readonly RoutingRule[];
  readonly #join = new ContentJoin();
  #rejected = 0;

  /** @param rules name no project that is not there. */
  constructor(projects: ReadonlyMap<string, Project>, rules: readonly RoutingRule[]) {
    this.#projects = projects;
    this.#rules = rules;
  }

  /** What became of the spans, by name of the project. */
  get projects(): [name: string, counters: ProjectCounters][] {
    return Array.from(this.#projects, ([name, project]) => [name, project.counters()]);
  }

  /** Spans that no trace has a place for. */
  get rejected(): number {
    return this.#rejected;
  }

  /**
   * Resolves when all spans that are not rejected are where they survive.
   * @param project where they go, whatever the rules say of them and of the headers. Who may send only there gets no
   * content that others sent, and what others send goes to no span of his, though it has the same ids.
   * @throws {HttpError} 503 if a project has no room for them.
   */
  async takeSpans({ spans, rejected }: ReceivedSpans, headers: IncomingHttpHeaders, project?: string): Promise<void> {
    this.#rejected += rejected.length;
    await this.#send(
      spans.map((span): SentSpan => {
        if (project !== undefined) return { span, project };
        const sent = { span, project: projectOf(this.#rules, headers, span) };
        return { ...sent, span: this.#join.withEvents(sent) };
      }),
    );
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
