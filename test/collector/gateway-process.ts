import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { freePorts } from './collector.ts';

const MAIN = path.join(import.meta.dirname, '../../dist/cli/main.js');

/** `otel-langfuse gateway` in a process of its own; its address and spool stay when it is started again. */
export class GatewayProcess {
  readonly url: string;
  readonly #port: number;
  readonly #environment: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;

  private constructor(port: number, langfuseUrl: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#environment = {
      PATH: process.env['PATH'],
      LANGFUSE_BASE_URL: langfuseUrl,
      LANGFUSE_PUBLIC_KEY: 'pk-lf-test',
      LANGFUSE_SECRET_KEY: 'sk-lf-test',
      OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory(),
    };
    onTestFinished(() => this.kill());
  }

  static async start(langfuseUrl: string): Promise<GatewayProcess> {
    const [port = 0] = await freePorts(1);
    const gateway = new GatewayProcess(port, langfuseUrl);
    await gateway.start();
    return gateway;
  }

  /** Resolves when it takes spans. */
  async start(): Promise<void> {
    const parameters = [MAIN, 'gateway', '--port', String(this.#port)];
    const child = spawn(process.execPath, parameters, {
      env: this.#environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.#process = child;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null) throw new Error('the gateway did not start');
      await setTimeout(20);
    }
  }

  /** Without warning: it can finish nothing. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  /** The sum over all projects of a number of `/metrics`. */
  async metric(name: string): Promise<number> {
    const response = await fetch(`${this.url}/metrics`);
    const samples = (await response.text()).matchAll(new RegExp(`^otel_langfuse_gateway_${name}(?:{.*})? (.+)$`, 'gm'));
    return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  async #isReady(): Promise<boolean> {
    const response = await fetch(`${this.url}/readyz`).catch(() => undefined);
    return response?.ok ?? false;
  }
}
