// Builds the OpenTelemetry Collector of collector-config/builder.yaml, once a manifest, into the user's cache, and prints
// where it is. Needs Go; what it downloads comes through Go's module proxy. Ends with 2 if that cannot be reached.
//
//   otelcol=$(node scripts/build-collector.mjs) && "$otelcol" --config collector-config/agent.yaml
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const manifest = path.join(import.meta.dirname, '../collector-config/builder.yaml');
const text = readFileSync(manifest, 'utf8');
const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'otel-langfuse');
const binary = path.join(cache, `otelcol-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`);

/** Beside what is wanted on standard output, everything is said on standard error. */
function run(command, parameters, env) {
  execFileSync(command, parameters, {
    env: { ...process.env, ...env },
    stdio: ['ignore', process.stderr, process.stderr],
  });
}

/** @returns the exit code */
function build(folder) {
  const [, version] = /^ {2}version: (\S+)$/m.exec(text) ?? [];
  // The builder decides about the core of the Collector: it has the version of the components.
  const builder = `go.opentelemetry.io/collector/cmd/builder@v${version}`;
  try {
    run('go', ['mod', 'download', builder]);
  } catch {
    console.error(`${builder} cannot be downloaded`);
    return 2;
  }
  console.error(`building the Collector ${version}: some minutes the first time`);
  run('go', ['install', builder], { GOBIN: folder });
  const distribution = path.join(folder, 'distribution');
  run(path.join(folder, 'builder'), ['--config', manifest], { 'dist.output_path': distribution });
  // By renaming: who runs it meanwhile, or builds it too, sees it whole.
  renameSync(path.join(distribution, 'otelcol'), binary);
  return 0;
}

if (!existsSync(binary)) {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'build-'));
  try {
    process.exitCode = build(folder);
  } catch (error) {
    console.error(`the Collector could not be built: ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
if (existsSync(binary)) console.log(binary);
