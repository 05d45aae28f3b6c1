import { call } from './call.mjs';

const [signal] = process.argv.slice(2);
await call();
if (signal) {
  setInterval(() => {}, 1000);
  process.kill(process.pid, signal);
}
