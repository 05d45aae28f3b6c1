import type { NamePattern } from './catalog.ts';

type Leaf = Exclude<NamePattern, { and: unknown } | { or: unknown }>;

/** Whether a pattern holds for a name, literally. */
export function holds(pattern: NamePattern, name: string): boolean {
  return evaluate(pattern, (leaf) => locate(leaf, name) !== undefined);
}

/** Whether a pattern that names a family holds for exactly this model: the rest of the name may only be a version. */
export function means(pattern: NamePattern, name: string): boolean {
  if (name.includes('us-gov.')) return false; // The regions of AWS for governments have prices of their own.
  return evaluate(pattern, (leaf) => {
    const found = locate(leaf, name);
    return found !== undefined && isOrigin(found.before) && isVersion(found.after, found.text);
  });
}

function evaluate(pattern: NamePattern, test: (leaf: Leaf) => boolean): boolean {
  if ('and' in pattern) return pattern.and.every((part) => evaluate(part, test));
  if ('or' in pattern) return pattern.or.some((part) => evaluate(part, test));
  return test(pattern);
}

interface Located {
  before: string;
  text: string;
  after: string;
}

function locate(leaf: Leaf, name: string): Located | undefined {
  if ('regex' in leaf) return new RegExp(leaf.regex).test(name) ? { before: '', text: name, after: '' } : undefined;
  if ('equals' in leaf) return name === leaf.equals.toLowerCase() ? cut(name, 0, name) : undefined;
  if ('starts_with' in leaf) {
    const text = leaf.starts_with.toLowerCase();
    return name.startsWith(text) ? cut(name, 0, text) : undefined;
  }
  if ('ends_with' in leaf) {
    const text = leaf.ends_with.toLowerCase();
    return name.endsWith(text) ? cut(name, name.length - text.length, text) : undefined;
  }
  const text = leaf.contains.toLowerCase();
  const start = name.indexOf(text);
  return start < 0 ? undefined : cut(name, start, text);
}

function cut(name: string, start: number, text: string): Located {
  return { before: name.slice(0, start), text, after: name.slice(start + text.length) };
}

/** Path, region and vendor before a model name: `us.anthropic.`, `publishers/google/models/`. */
function isOrigin(text: string): boolean {
  return /^(?:[a-z0-9_-]+[./])*$/.test(text);
}

const DATE = String.raw`\d{8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{4}|\d{2}-\d{2}|\d{3,4}`;
const CHANNEL = 'latest|preview|exp|default';
const BEDROCK_VERSION = String.raw`v\d+(?:[.:]\d+)*(?::\d+k)?`;
const VERSION = `(?:${DATE}|${CHANNEL}|${BEDROCK_VERSION})`;
const VERSIONS = new RegExp(String.raw`^(?:[-@:.]${VERSION}|:\d+)*$`);
const VERSIONS_AFTER_SEPARATOR = new RegExp(`^${VERSION}(?:[-@:.]${VERSION})*$`);

/** Snapshot, Bedrock version or channel after a model name; anything else makes it another model. */
function isVersion(text: string, before: string): boolean {
  if (text.startsWith('@')) return true; // Vertex: what follows is always a version
  if (/[-@]$/.test(before)) return VERSIONS_AFTER_SEPARATOR.test(text);
  // A pattern that ends within a number: `claude-sonnet-4-2025` of a date.
  return VERSIONS.test(text) || (/-\d+$/.test(before) && /^\d{2,4}$/.test(text));
}
