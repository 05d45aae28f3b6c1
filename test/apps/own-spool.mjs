import { register } from 'otel-langfuse';

register({ spool: { directory: process.argv[2] } });
