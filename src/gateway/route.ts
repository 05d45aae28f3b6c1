import type { IncomingHttpHeaders } from 'node:http';
import type { ReceivedSpan } from './received-span.ts';

/** Sends what has a value to a project. Exactly one of `header`, `resource` and `attribute` is named. */
export interface RoutingRule {
  /** Name of a header of the request. */
  header?: string;
  /** Name of an attribute of the resource, such as `service.name`. */
  resource?: string;
  /** Name of an attribute of the span; spans of one trace without it go elsewhere, and are counted apart. */
  attribute?: string;
  /** The values, of which any will do. */
  equals: readonly string[];
  project: string;
}

/** Where everything goes that no rule names a project for. */
export const DEFAULT_PROJECT = 'default';

/** @throws {RangeError} if there is no project for what no rule fits, or for what one fits. */
export function assertProjects(rules: readonly RoutingRule[], projects: Readonly<Record<string, unknown>>): void {
  for (const name of [DEFAULT_PROJECT, ...rules.map(({ project }) => project)]) {
    if (!Object.hasOwn(projects, name)) throw new RangeError(`there is no project ${JSON.stringify(name)}`);
  }
}

/** The project of a span: the first rule that fits says it. */
export function projectOf(rules: readonly RoutingRule[], headers: IncomingHttpHeaders, span: ReceivedSpan): string {
  return rules.find((rule) => fits(rule, headers, span))?.project ?? DEFAULT_PROJECT;
}

function fits(
  { header, resource, attribute, equals }: RoutingRule,
  headers: IncomingHttpHeaders,
  span: ReceivedSpan,
): boolean {
  const value =
    header !== undefined
      ? headers[header.toLowerCase()]
      : resource !== undefined
        ? span.resource.attributes[resource]
        : span.attributes[attribute ?? ''];
  return value !== undefined && equals.includes(String(value));
}
