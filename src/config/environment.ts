import { homedir } from 'node:os';
import path from 'node:path';
import { nearest } from '../util/nearest.ts';
import type { Config, ConfigProblem, TracesExporter } from './config.ts';
import { GATEWAY_VARIABLES, namesOf, PROXY_VARIABLES } from './server-variables.ts';

/** Reads one variable's text, or says what to write instead. */
type Parse<T> = (text: string) => { value: T } | { instead: string };

/** A setting: its variables in order of precedence, its parser and what holds without it. */
interface Setting<T> {
  names: readonly string[];
  parse: Parse<T>;
  otherwise: T;
}

const text: Parse<string | undefined> = (value) => ({ value });

const httpUrl: Parse<string> = (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url && /^https?:$/.test(url.protocol)
    ? { value: url.href.replace(/\/+$/, '') }
    : { instead: 'an address such as https://cloud.langfuse.com' };
};

/** Unlike a base address, it may well end in a slash. */
const pricesUrl: Parse<string | undefined> = (value) => {
  const parsed = httpUrl(value);
  return 'value' in parsed
    ? { value: new URL(value).href }
    : { instead: 'an address such as https://prices.example.com/data.json' };
};

const boolean: Parse<boolean> = (value) => {
  const lower = value.toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(lower)) return { value: true };
  if (['false', '0', 'no', 'off'].includes(lower)) return { value: false };
  return { instead: 'true or false' };
};

/** `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is a boolean or one of the values other instrumentations take. */
const capture: Parse<boolean> = (value) => {
  const upper = value.toUpperCase();
  if (['SPAN_ONLY', 'SPAN_AND_EVENT'].includes(upper)) return { value: true };
  if (['NO_CONTENT', 'EVENT_ONLY'].includes(upper)) return { value: false };
  return boolean(value);
};

function oneOf<const T extends string>(...values: T[]): Parse<T> {
  return (value) => {
    const found = values.find((candidate) => candidate === value.toLowerCase());
    return found ? { value: found } : { instead: `one of ${values.join(', ')}` };
  };
}

function integer(minimum: number, maximum: number): Parse<number> {
  return (value) => {
    const number = Number(value);
    return Number.isInteger(number) && number >= minimum && number <= maximum
      ? { value: number }
      : { instead: `a whole number from ${minimum} to ${maximum}` };
  };
}

/** `host=provider,...`: which provider is at a host that does not say so itself. */
const providers: Parse<Record<string, string>> = (value) => {
  const pairs = value.split(',').map((pair) => /^\s*([\w.-]+(?::\d+)?)\s*=\s*([\w.-]+)\s*$/.exec(pair));
  if (!pairs.every((pair) => pair !== null))
    return { instead: 'pairs such as llm.internal=mistral_ai,localhost:8000=vllm' };
  return { value: Object.fromEntries(pairs.map(([, host, provider]) => [host?.toLowerCase(), provider])) };
};

const stateHome = (env: NodeJS.ProcessEnv): string => env['XDG_STATE_HOME'] || path.join(homedir(), '.local', 'state');

const SETTINGS = {
  baseUrl: {
    names: ['LANGFUSE_BASE_URL', 'LANGFUSE_HOST', 'LANGFUSE_BASEURL'],
    parse: httpUrl,
    otherwise: 'https://cloud.langfuse.com',
  },
  publicKey: { names: ['LANGFUSE_PUBLIC_KEY'], parse: text, otherwise: undefined },
  secretKey: { names: ['LANGFUSE_SECRET_KEY'], parse: text, otherwise: undefined },
  environment: { names: ['LANGFUSE_TRACING_ENVIRONMENT'], parse: text, otherwise: undefined },
  release: { names: ['LANGFUSE_RELEASE'], parse: text, otherwise: undefined },
  spoolDirectory: { names: ['OTEL_LANGFUSE_SPOOL_DIR'], parse: text, otherwise: undefined },
  durability: {
    names: ['OTEL_LANGFUSE_DURABILITY'],
    parse: oneOf('batch', 'span', 'fsync', 'memory'),
    otherwise: 'batch',
  },
  spoolMaxMegabytes: { names: ['OTEL_LANGFUSE_SPOOL_MAX_MB'], parse: integer(1, 1_000_000), otherwise: 512 },
  spoolMaxDays: { names: ['OTEL_LANGFUSE_SPOOL_MAX_DAYS'], parse: integer(1, 3650), otherwise: 30 },
  content: {
    names: ['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'],
    parse: capture,
    otherwise: true,
  },
  maxContentLength: {
    names: ['OTEL_LANGFUSE_MAX_CONTENT_LENGTH'],
    parse: integer(0, 10_000_000),
    otherwise: 250_000,
  },
  streamUsage: { names: ['OTEL_LANGFUSE_STREAM_USAGE'], parse: oneOf('off', 'inject'), otherwise: 'off' },
  prices: { names: ['OTEL_LANGFUSE_PRICES'], parse: text, otherwise: undefined },
  pricesUrl: { names: ['OTEL_LANGFUSE_PRICES_URL'], parse: pricesUrl, otherwise: undefined },
  spans: { names: ['OTEL_LANGFUSE_SPANS'], parse: oneOf('llm-path', 'all', 'llm'), otherwise: 'llm-path' },
  providers: { names: ['OTEL_LANGFUSE_PROVIDERS'], parse: providers, otherwise: {} },
  propagateContext: { names: ['OTEL_LANGFUSE_PROPAGATE_CONTEXT'], parse: boolean, otherwise: false },
  metrics: { names: ['OTEL_LANGFUSE_METRICS'], parse: boolean, otherwise: false },
  disabled: { names: ['OTEL_LANGFUSE_DISABLED', 'OTEL_SDK_DISABLED'], parse: boolean, otherwise: false },
  logLevel: {
    names: ['OTEL_LANGFUSE_LOG_LEVEL'],
    parse: oneOf('silent', 'error', 'warn', 'info', 'debug'),
    otherwise: 'info',
  },
} as const satisfies Record<string, Setting<unknown>>;

type Values = {
  [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K]['parse'] extends Parse<infer T> ? T : never;
};

const SECRET = /SECRET|KEY/;

/**
 * Reads the configuration from environment variables. A bad value or an unknown `OTEL_LANGFUSE_*` name becomes a
 * problem that says what to write instead, and the default holds: the app always runs on.
 */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): { config: Config; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = unknownVariables(env);
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(SETTINGS)) values[key] = readSetting(setting, env, problems);
  return { config: toConfig(values as Values, env, problems), problems };
}

function readSetting(setting: Setting<unknown>, env: NodeJS.ProcessEnv, problems: ConfigProblem[]): unknown {
  const name = setting.names.find((candidate) => env[candidate]?.trim());
  if (!name) return setting.otherwise;
  const value = env[name]?.trim() ?? '';
  const parsed = setting.parse(value);
  if ('value' in parsed) return parsed.value;
  const shown = SECRET.test(name) ? '(hidden)' : JSON.stringify(value);
  problems.push({
    variable: name,
    message: `${name}=${shown} is not valid: write ${parsed.instead}. Using ${JSON.stringify(setting.otherwise)}.`,
  });
  return setting.otherwise;
}

function unknownVariables(env: NodeJS.ProcessEnv): ConfigProblem[] {
  const known = [
    ...Object.values(SETTINGS).flatMap((setting): readonly string[] => setting.names),
    ...[GATEWAY_VARIABLES, PROXY_VARIABLES].flatMap(namesOf),
  ];
  return Object.keys(env)
    .filter((name) => name.startsWith('OTEL_LANGFUSE_') && !known.includes(name))
    .map((variable) => {
      const meant = nearest(variable, known);
      return { variable, message: `${variable} is not a known setting${meant ? `: did you mean ${meant}?` : '.'}` };
    });
}

function toConfig(values: Values, env: NodeJS.ProcessEnv, problems: ConfigProblem[]): Config {
  const { baseUrl, publicKey, secretKey, environment, release } = values;
  return {
    langfuse: {
      baseUrl,
      ...(publicKey && { publicKey }),
      ...(secretKey && { secretKey }),
      ...(environment && { environment }),
      ...(release && { release }),
    },
    spool: {
      directory: path.resolve(values.spoolDirectory ?? path.join(stateHome(env), 'otel-langfuse', 'spool')),
      durability: values.durability,
      maxBytes: values.spoolMaxMegabytes * 1024 * 1024,
      maxAgeMs: values.spoolMaxDays * 24 * 60 * 60 * 1000,
    },
    capture: {
      content: values.content,
      maxContentLength: values.maxContentLength,
      streamUsage: values.streamUsage,
    },
    ...(values.prices && { pricesFile: path.resolve(values.prices) }),
    ...(values.pricesUrl && { pricesUrl: values.pricesUrl }),
    spans: values.spans,
    providers: values.providers,
    propagateContext: values.propagateContext,
    tracesExporters: tracesExporters(env, problems),
    metrics: values.metrics,
    disabled: values.disabled,
    logLevel: values.logLevel,
  };
}

const OTLP_PROTOCOLS = ['http/json', 'http/protobuf', 'grpc'] as const;

/**
 * The exporters the environment asks for. Unlike the specification's default, none is `otlp` unless an endpoint or the
 * exporter itself is named: an app without OpenTelemetry has no collector on localhost.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
function tracesExporters(env: NodeJS.ProcessEnv, problems: ConfigProblem[]): TracesExporter[] {
  const hasEndpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const names = (env['OTEL_TRACES_EXPORTER'] || (hasEndpoint ? 'otlp' : 'none')).split(',').map((name) => name.trim());
  const stated = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/protobuf';
  const protocol = OTLP_PROTOCOLS.find((known) => known === stated);
  return names.flatMap((name): TracesExporter[] => {
    if (name === 'console') return ['console'];
    if (name === 'otlp' && protocol) return [`otlp ${protocol}`];
    if (name !== 'none') {
      const variable = name === 'otlp' ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : 'OTEL_TRACES_EXPORTER';
      const [value, instead] = name === 'otlp' ? [stated, OTLP_PROTOCOLS.join(', ')] : [name, 'otlp, console or none'];
      problems.push({
        variable,
        message: `${variable}=${JSON.stringify(value)} is not valid here: write one of ${instead}. Langfuse gets its spans all the same.`,
      });
    }
    return [];
  });
}
