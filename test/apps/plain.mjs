import { call, stream } from './call.mjs';

await call();
await stream();
