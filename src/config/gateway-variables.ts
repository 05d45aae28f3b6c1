/** A setting of the gateway that needs no file: where it is in the file, and what else says it. */
export interface GatewaySetting {
  /** Keys from the top of the file. */
  path: readonly string[];
  /** Without the dashes. */
  flag: string;
  variable: string;
  /** What its text stands for in the file; itself by default. */
  toFile?: (text: string) => unknown;
}

/** A flag goes before its variable, and both before the file. */
export const GATEWAY_SETTINGS: readonly GatewaySetting[] = [
  { path: ['host'], flag: 'host', variable: 'OTEL_LANGFUSE_GATEWAY_HOST' },
  { path: ['port'], flag: 'port', variable: 'OTEL_LANGFUSE_GATEWAY_PORT' },
  { path: ['token', 'file'], flag: 'token-file', variable: 'OTEL_LANGFUSE_GATEWAY_TOKEN_FILE' },
  { path: ['tls', 'certificate'], flag: 'tls-certificate', variable: 'OTEL_LANGFUSE_GATEWAY_TLS_CERTIFICATE' },
  { path: ['tls', 'key'], flag: 'tls-key', variable: 'OTEL_LANGFUSE_GATEWAY_TLS_KEY' },
  {
    path: ['passOn'],
    flag: 'pass-on',
    variable: 'OTEL_LANGFUSE_GATEWAY_PASS_ON',
    toFile: (text) => text.split(',').map((url) => ({ url: url.trim() })),
  },
];

/** Names the file. */
export const GATEWAY_FILE_VARIABLE = 'OTEL_LANGFUSE_GATEWAY_CONFIG';
/** The token itself: on a command line others could read it. */
export const GATEWAY_TOKEN_VARIABLE = 'OTEL_LANGFUSE_GATEWAY_TOKEN';

/** Every variable the gateway reads beside those of the package. */
export const GATEWAY_VARIABLES: readonly string[] = [
  GATEWAY_FILE_VARIABLE,
  GATEWAY_TOKEN_VARIABLE,
  ...GATEWAY_SETTINGS.map(({ variable }) => variable),
];
