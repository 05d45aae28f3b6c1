// Takes OTLP/HTTP JSON as an observability backend does, and counts what arrived when asked: a variant that is fast
// because it loses spans, or the tokens on them, shows.
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** Attributes in which the variants state the tokens of a call. */
const TOKENS = /^(gen_ai\.usage\.|llm\.token_count\.|langfuse\.observation\.usage_details$)/;

let requests = [];

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    requests.push({ body: Buffer.concat(chunks), gzipped: request.headers['content-encoding'] === 'gzip' });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});

/** Spans that state tokens, since the last time. */
function takeCount() {
  const spans = requests.flatMap(({ body, gzipped }) =>
    JSON.parse(gzipped ? gunzipSync(body) : body).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    ),
  );
  requests = [];
  return spans.filter(({ attributes }) => attributes.some(({ key }) => TOKENS.test(key))).length;
}

process.on('message', () => process.send({ spans: takeCount() }));
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
