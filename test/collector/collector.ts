import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inject, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';

export const CONFIGURATIONS: string = path.join(import.meta.dirname, '../../collector-config');

/** The Collector to test with; empty where there is none. */
export const otelcol: string = inject('otelcol');

/** What the files need that has no default. Nothing listens there. */
const REQUIRED = {
  VENDOR_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  LANGFUSE_PUBLIC_KEY: 'pk-lf-test',
  LANGFUSE_SECRET_KEY: 'sk-lf-test',
};

/** Metrics of the Collector itself would all want the same port; what fails is to be tried again soon. */
const OVERRIDES = 'service: { telemetry: { metrics: { level: none } } }\n';

/** What `otelcol validate` says against a file of `collector-config/`; empty if nothing. */
export async function validate(file: string): Promise<string> {
  const parameters = ['validate', '--config', path.join(CONFIGURATIONS, file)];
  const { stderr } = await promisify(execFile)(otelcol, parameters, { env: REQUIRED }).catch(
    (error: { stderr: string }) => error,
  );
  return stderr;
}

/** A running Collector with ports and a queue of its own, which it keeps when it is started again. */
export class Collector {
  /** Where it takes OTLP/HTTP. */
  readonly url: string;
  /** Where other nodes reach it. */
  readonly peerAddress: string;
  readonly #parameters: string[];
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;
  #log = '';

  private constructor(file: string, ports: readonly number[], environment: Record<string, string>) {
    const [grpc = '', http = '', peers = '', health = ''] = ports.map((port) => `127.0.0.1:${port}`);
    const directory = temporaryDirectory();
    const overrides = path.join(directory, 'overrides.yaml');
    writeFileSync(overrides, OVERRIDES);
    this.url = `http://${http}`;
    this.peerAddress = peers;
    this.#parameters = ['--config', path.join(CONFIGURATIONS, file), '--config', overrides];
    this.#environment = {
      ...REQUIRED,
      OTLP_GRPC_ENDPOINT: grpc,
      OTLP_HTTP_ENDPOINT: http,
      OTLP_PEERS_ENDPOINT: peers,
      HEALTH_ENDPOINT: health,
      QUEUE_DIRECTORY: path.join(directory, 'queue'),
      ...environment,
    };
    onTestFinished(() => this.kill());
  }

  /** Not started yet: where others reach it is known before they are. */
  static async create(file: string, environment: Record<string, string> = {}): Promise<Collector> {
    return new Collector(file, await freePorts(4), environment);
  }

  /** Resolves when it takes spans. */
  async start(environment: Record<string, string> = {}): Promise<this> {
    Object.assign(this.#environment, environment);
    const child = spawn(otelcol, this.#parameters, { env: this.#environment, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    this.#process = child;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null) throw new Error(`the Collector did not start:\n${this.#log}`);
      await setTimeout(20);
    }
    return this;
  }

  /** Without warning: it can finish nothing. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  async #isReady(): Promise<boolean> {
    const response = await fetch(`http://${this.#environment['HEALTH_ENDPOINT']}`).catch(() => undefined);
    return response?.ok ?? false;
  }
}

/** Of ports that nobody listens on; all are taken before one is given back, so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
