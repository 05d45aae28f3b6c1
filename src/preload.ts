/**
 * The preload: `node --require otel-langfuse/register app.js` (or `--import`). Configuration comes from the
 * environment; nothing here throws into the app.
 */
import { register } from './register.ts';

register();
