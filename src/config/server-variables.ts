/** A setting of a server of ours that needs no file: where it is in the file, and what else says it. */
interface ServerSetting {
  /** Keys from the top of the file. */
  path: readonly string[];
  /** Without the dashes. */
  flag: string;
  variable: string;
  /** What its text stands for in the file; itself by default. */
  toFile?: (text: string) => unknown;
}

/** What says the configuration of a server beside its file. A flag goes before its variable, and both before the file. */
export interface ServerVariables {
  settings: readonly ServerSetting[];
  /** Names the file. */
  file: string;
  /** The token itself: on a command line others could read it. */
  token: string;
}

/** Without a variable of its own name, a setting has that of its flag. */
type OwnSetting = Pick<ServerSetting, 'path' | 'flag' | 'toFile'> & Partial<Pick<ServerSetting, 'variable'>>;

/** What every server of ours can be told. */
const COMMON: readonly OwnSetting[] = [
  { path: ['host'], flag: 'host' },
  { path: ['port'], flag: 'port' },
  { path: ['token', 'file'], flag: 'token-file' },
  { path: ['tls', 'certificate'], flag: 'tls-certificate' },
  { path: ['tls', 'key'], flag: 'tls-key' },
];

/** The variables are those of the preload; what a gateway has where nobody says anything is its own. */
const SPOOL: readonly OwnSetting[] = [
  { path: ['spool', 'directory'], flag: 'spool-directory', variable: 'OTEL_LANGFUSE_SPOOL_DIR' },
  { path: ['spool', 'megabytes'], flag: 'spool-megabytes', variable: 'OTEL_LANGFUSE_SPOOL_MAX_MB' },
  { path: ['spool', 'days'], flag: 'spool-days', variable: 'OTEL_LANGFUSE_SPOOL_MAX_DAYS' },
  { path: ['spool', 'durability'], flag: 'durability', variable: 'OTEL_LANGFUSE_DURABILITY' },
];

export const GATEWAY_VARIABLES: ServerVariables = serverVariables('OTEL_LANGFUSE_GATEWAY_', [
  ...SPOOL,
  { path: ['passOn'], flag: 'pass-on', toFile: (text) => listOf(text).map((url) => ({ url })) },
]);

export const PROXY_VARIABLES: ServerVariables = serverVariables('OTEL_LANGFUSE_PROXY_', [
  {
    path: ['upstreams'],
    flag: 'upstream',
    toFile: (text) => Object.fromEntries(listOf(text).map(nameAndValue)),
  },
]);

/** Every variable of a server. */
export function namesOf({ settings, file, token }: ServerVariables): string[] {
  return [file, token, ...settings.map(({ variable }) => variable)];
}

function serverVariables(prefix: string, own: readonly OwnSetting[]): ServerVariables {
  const variableOf = ({ flag, variable }: OwnSetting): string =>
    variable ?? prefix + flag.toUpperCase().replaceAll('-', '_');
  return {
    settings: [...COMMON, ...own].map((setting) => ({ ...setting, variable: variableOf(setting) })),
    file: `${prefix}CONFIG`,
    token: `${prefix}TOKEN`,
  };
}

function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

/** `name=value`; without `=` the value is empty, which no setting takes. */
function nameAndValue(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
