import type { IncomingHttpHeaders } from 'node:http';
import type { Project } from './project.ts';
import type { ReceivedSpan } from './received-span.ts';
import { DEFAULT_PROJECT, projectOf, type RoutingRule } from './route.ts';

/** Brings spans to the projects they belong to. */
export class Intake {
  readonly #projects: ReadonlyMap<string, Project>;
  readonly #rules: readonly RoutingRule[];

  /** @throws {RangeError} if a rule names a project that is not there. */
  constructor(projects: ReadonlyMap<string, Project>, rules: readonly RoutingRule[]) {
    for (const name of [DEFAULT_PROJECT, ...rules.map(({ project }) => project)]) {
      if (!projects.has(name)) throw new RangeError(`there is no project ${JSON.stringify(name)}`);
    }
    this.#projects = projects;
    this.#rules = rules;
  }

  /**
   * Resolves when all of them are where they survive.
   * @throws {HttpError} 503 if a project has no room for them.
   */
  async take(spans: readonly ReceivedSpan[], headers: IncomingHttpHeaders): Promise<void> {
    const groups = new Map<string, ReceivedSpan[]>();
    for (const span of spans) {
      const name = projectOf(this.#rules, headers, span);
      const group = groups.get(name);
      if (group) group.push(span);
      else groups.set(name, [span]);
    }
    await Promise.all(Array.from(groups, ([name, group]) => this.#projects.get(name)?.take(group)));
  }
}
