import type { ConfigProblem } from './config.ts';

/** How this process reaches an address, by the variables that other programs read, too. */
export interface Network {
  /** The way there leads through it. May hold credentials. */
  proxy?: URL;
  /** PEM files. */
  files: Partial<Record<keyof typeof FILES, string>>;
}

/** The names of the OpenTelemetry specification; those for traces go before those for all signals. */
const FILES = {
  /** Certificate authorities that are trusted besides the usual ones. */
  authorities: ['OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
  /** Node itself adds these to the usual ones, but only where nobody names any. */
  extraAuthorities: ['NODE_EXTRA_CA_CERTS'],
  clientCertificate: ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'],
  clientKey: ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
} as const;

/** As curl has it, lower case goes first. */
const PROXIES: Readonly<Record<string, readonly string[]>> = {
  'https:': ['https_proxy', 'HTTPS_PROXY'],
  'http:': ['http_proxy', 'HTTP_PROXY'],
};
const NO_PROXY = ['no_proxy', 'NO_PROXY'];

/** Reads how to reach `url`. A proxy that makes no sense becomes a problem, and the way is direct. */
export function readNetwork(
  url: URL,
  env: NodeJS.ProcessEnv = process.env,
): { network: Network; problems: ConfigProblem[] } {
  const valueOf = (names: readonly string[]): string | undefined => {
    const name = names.find((candidate) => env[candidate]?.trim());
    return name && env[name]?.trim();
  };
  const files: Network['files'] = {};
  for (const [kind, names] of Object.entries(FILES)) {
    const file = valueOf(names);
    if (file) files[kind as keyof typeof FILES] = file;
  }
  const names = PROXIES[url.protocol] ?? [];
  const stated = isExcepted(url, valueOf(NO_PROXY) ?? '') ? undefined : valueOf(names);
  if (stated === undefined) return { network: { files }, problems: [] };
  const proxy = proxyAddress(stated);
  if (proxy) return { network: { proxy, files }, problems: [] };
  const variable = names.find((name) => env[name]?.trim()) ?? '';
  // The value is not shown: it may hold a password.
  const message = `${variable} is not valid: write an address such as http://proxy.internal:3128. Using no proxy.`;
  return { network: { files }, problems: [{ variable, message }] };
}

/** Without a scheme, it is an HTTP proxy. */
function proxyAddress(stated: string): URL | undefined {
  const text = stated.includes('://') ? stated : `http://${stated}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}

/**
 * `NO_PROXY` lists hosts, with or without a port, that are reached directly, and so are all hosts below them; `*` is
 * every host. Networks (10.0.0.0/8) are not known.
 */
function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry)
    .some((entry) => {
      if (entry === '*') return true;
      const [, host = entry, onlyPort] = /^(.*[^:]):(\d+)$/.exec(entry) ?? [];
      const domain = host.replace(/^\*?\./, '').replace(/^\[?(.*:.*?)\]?$/, '[$1]');
      const isWithin = hostname === domain || hostname.endsWith(`.${domain}`);
      return isWithin && (onlyPort === undefined || onlyPort === ownPort);
    });
}
