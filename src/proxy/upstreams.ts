import type { LookupFunction } from 'node:net';
import { type Connection, connectionTo, networkTo } from '../network/connection.ts';
import { inferProvider } from '../protocol/provider.ts';
import { publicLookup } from './public-addresses.ts';

/** Whom the proxy asks for a client. */
export interface Upstream {
  /** First segment of the path that clients ask for. */
  name: string;
  url: URL;
  connection: Connection;
}

/** An upstream and what to ask it for. */
export interface Target {
  upstream: Upstream;
  /** With the query. */
  path: string;
}

/**
 * Public APIs with one host for everybody. What comes after the name is the path as the API documents it:
 * `/openai/v1/chat/completions`. Not here are those with a host for each customer or region, and Bedrock with signed
 * requests, whose signature holds for one host.
 */
const KNOWN: Readonly<Record<string, string>> = {
  anthropic: 'https://api.anthropic.com',
  cerebras: 'https://api.cerebras.ai',
  cohere: 'https://api.cohere.com',
  deepinfra: 'https://api.deepinfra.com',
  deepseek: 'https://api.deepseek.com',
  fireworks: 'https://api.fireworks.ai',
  google: 'https://generativelanguage.googleapis.com',
  groq: 'https://api.groq.com',
  huggingface: 'https://router.huggingface.co',
  mistral: 'https://api.mistral.ai',
  moonshot: 'https://api.moonshot.ai',
  nvidia: 'https://integrate.api.nvidia.com',
  openai: 'https://api.openai.com',
  openrouter: 'https://openrouter.ai',
  perplexity: 'https://api.perplexity.ai',
  sambanova: 'https://api.sambanova.ai',
  together: 'https://api.together.xyz',
  vertex: 'https://aiplatform.googleapis.com',
  voyage: 'https://api.voyageai.com',
  xai: 'https://api.x.ai',
};

/**
 * How long a connection waits for the next request. Providers close theirs later: a request sent over one that is being
 * closed would fail.
 */
const IDLE_MS = 15_000;

/** All upstreams by name; an address that is given for a known name takes its place. */
export function upstreamsWith(given: Readonly<Record<string, string>>): ReadonlyMap<string, Upstream> {
  const known = Object.entries(KNOWN).map(([name, address]) => upstreamAt(name, address, publicLookup));
  const own = Object.entries(given).map(([name, address]) => upstreamAt(name, address));
  return new Map([...known, ...own].map((upstream) => [upstream.name, upstream]));
}

/** @param lookup where its name may lead; anywhere without it, and where a proxy of the network looks it up */
function upstreamAt(name: string, address: string, lookup?: LookupFunction): Upstream {
  const url = new URL(address);
  // The certificates that the environment names for telemetry are not for providers.
  const network = { ...networkTo(url), files: {} };
  const connection = connectionTo(url, network, { timeout: IDLE_MS, ...(lookup && { lookup }) });
  return { name, url, connection };
}

/**
 * Who is at addresses that are given for known names, by host: what is called `groq` has Groq's prices. A host that
 * stands for several is a gateway, and says itself who answered.
 */
export function givenProviders(given: Readonly<Record<string, string>>): Record<string, string> {
  const hosts = Object.values(given).map((address) => new URL(address).host);
  const providers = Object.entries(given).flatMap(([name, address]): [string, string][] => {
    const known = KNOWN[name];
    const { host } = new URL(address);
    if (known === undefined || hosts.filter((other) => other === host).length > 1) return [];
    return [[host, inferProvider(new URL(known).host, '', { id: `${name}.` })]];
  });
  return Object.fromEntries(providers);
}

/** `/name/rest?query`: other forms of a request target, such as a whole address, name no upstream. */
const TARGET = /^\/([^/?]+)([^?]*)(\?.*)?$/s;
/** A segment by which a path would leave the address it is put after. Servers decode before they resolve it. */
const DOTS = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\;#]|%2f|%5c)/i;

/** Where a request goes; `undefined` for nowhere. @param target as the request line has it */
export function findTarget(upstreams: ReadonlyMap<string, Upstream>, target: string): Target | undefined {
  const [, name = '', path = '', query = ''] = TARGET.exec(target) ?? [];
  const upstream = upstreams.get(name);
  if (!upstream || DOTS.test(path)) return undefined;
  const base = upstream.url.pathname.replace(/\/$/, '');
  return { upstream, path: `${base}${path}${query}`.replace(/^(?!\/)/, '/') };
}
