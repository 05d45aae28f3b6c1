import type { NamePattern } from './catalog.ts';

/** Whether a pattern that names a family holds for exactly this model: the rest of the name may only be a version. */
export function means(pattern: NamePattern, name: string): boolean {
  if ('and' in pattern) return pattern.and.every((part) => means(part, name));
  if ('or' in pattern) return pattern.or.some((part) => means(part, name));
  if ('regex' in pattern) return holds(pattern, name);
  const text = literalOf(pattern);
  const start = name.indexOf(text);
  if (!holds(pattern, name) || start < 0) return false;
  return isOrigin(name.slice(0, start)) && isVersion(name.slice(start + text.length), text);
}

/** Path, region and vendor before a model name: `us.anthropic.`, `publishers/google/models/`. */
function isOrigin(text: string): boolean {
  return /^(?:[a-z0-9_-]+[./])*$/.test(text);
}

const VERSION = String.raw`latest|preview|exp|default|\d{8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}|\d{3,4}|v\d+(?:[.:]\d+)*(?::\d+k)?`;
const VERSIONS = new RegExp(`^(?:[-@:.](?:${VERSION}))*$`);
const VERSIONS_AT_ONCE = new RegExp(`^(?:${VERSION})(?:[-@:.](?:${VERSION}))*$`);

/** Snapshot, date, Bedrock version or channel after a model name; anything else makes it another model. */
function isVersion(text: string, before: string): boolean {
  if (text.startsWith('@')) return true; // Vertex: what follows is always a version
  if (VERSIONS.test(text)) return true;
  if (/[-@]$/.test(before)) return VERSIONS_AT_ONCE.test(text);
  // A pattern cut within a number: `claude-sonnet-4-2025` of a date, `-v0` of `-v0:2`.
  return /-v?\d+$/.test(before) && /^(?:\d{2,4}|:\d+)$/.test(text);
}

/** The text that a pattern of one literal looks for. */
function literalOf(pattern: Exclude<NamePattern, { regex: string } | { and: unknown } | { or: unknown }>): string {
  if ('equals' in pattern) return pattern.equals.toLowerCase();
  if ('starts_with' in pattern) return pattern.starts_with.toLowerCase();
  return ('ends_with' in pattern ? pattern.ends_with : pattern.contains).toLowerCase();
}

/** Whether a pattern holds for a name, literally. */
export function holds(pattern: NamePattern, name: string): boolean {
  if ('and' in pattern) return pattern.and.every((part) => holds(part, name));
  if ('or' in pattern) return pattern.or.some((part) => holds(part, name));
  if ('equals' in pattern) return name === pattern.equals.toLowerCase();
  if ('starts_with' in pattern) return name.startsWith(pattern.starts_with.toLowerCase());
  if ('ends_with' in pattern) return name.endsWith(pattern.ends_with.toLowerCase());
  if ('contains' in pattern) return name.includes(pattern.contains.toLowerCase());
  return new RegExp(pattern.regex).test(name);
}
