// Takes OTLP/HTTP in any encoding and counts spans by their names, which are in there as they are: reading the bodies
// would cost more than what is measured.
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const MARK = Buffer.from('bench span');

let spans = 0;

function count(body) {
  for (let at = body.indexOf(MARK); at >= 0; at = body.indexOf(MARK, at + MARK.length)) spans++;
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    count(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    response.writeHead(200, { 'content-type': request.headers['content-type'] }).end();
  });
});

process.on('message', () => {
  process.send({ spans });
  spans = 0;
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
