// An app whose calls have just ended when it ends itself, in the way that its first argument says.
import { createDelivery } from '../../dist/delivery/create-delivery.js';
import { installExitHandlers } from '../../dist/delivery/exit.js';

const [ending, settings] = [process.argv[2], JSON.parse(process.argv[3])];
const { destination, directory, durability } = settings;
const records = settings.ids.map((id) => settings.record.replace('SPAN_ID', id));
if (ending === 'listened to the signal before') process.once('SIGTERM', () => setTimeout(() => process.exit(7), 100));
const delivery = createDelivery({
  destination,
  spool: { directory, durability, maxBytes: 1e8, maxAgeMs: 1e9 },
});
// Twice, as when an exporter is used beside the preload.
const uninstallers = [installExitHandlers([delivery]), installExitHandlers([delivery])];
const accept = () => delivery.accept(records);

const ENDINGS = {
  'natural end': accept,
  'process.exit': () => {
    accept();
    process.exit(3);
  },
  'uncaught exception': () => {
    accept();
    throw new Error('the app failed');
  },
  'unhandled rejection': () => {
    accept();
    void Promise.reject(new Error('the app failed'));
  },
  'waits for a signal': () => {
    accept();
    setInterval(() => {}, 1000);
    process.stdout.write('ready\n');
  },
  'handles the signal': () => {
    process.on('SIGTERM', () => setTimeout(() => process.exit(7), 100));
    ENDINGS['waits for a signal']();
  },
  'handles the signal once': () => {
    process.once('SIGTERM', () => setTimeout(() => process.exit(7), 100));
    ENDINGS['waits for a signal']();
  },
  'listened to the signal before': () => ENDINGS['waits for a signal'](),
  // What signal-exit, used by many command line tools, does: it ends the process if it is the only listener.
  'ends by a library if nobody else listens': () => {
    const listener = () => {
      if (process.listeners('SIGTERM').length > 1) return;
      process.off('SIGTERM', listener);
      process.kill(process.pid, 'SIGTERM');
    };
    process.on('SIGTERM', listener);
    ENDINGS['waits for a signal']();
  },
  'outlives the first signal': () => {
    process.on('SIGTERM', () => delivery.accept(records.map((record) => record.replace('"spanId":"0', '"spanId":"f'))));
    process.on('SIGINT', () => process.exit(0));
    ENDINGS['waits for a signal']();
  },
  'appended, then waits': () => {
    accept();
    setTimeout(() => process.stdout.write('ready\n'), 200);
    setInterval(() => {}, 1000);
  },
  'takes records until it is killed': () => {
    let index = 0;
    setInterval(() => {
      delivery.accept([records[index]]);
      process.stdout.write(`${index++}\n`);
    }, 1);
  },
  'lives for a while': () => void setTimeout(() => {}, settings.lifetimeMs),
  'uninstalled, then waits': () => {
    for (const uninstall of uninstallers) uninstall();
    ENDINGS['waits for a signal']();
  },
};

ENDINGS[ending]();
