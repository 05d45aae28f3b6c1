// A reverse proxy that only passes on what comes: what a process in between costs without any recording.
const http = require('node:http');
const path = require('node:path');
const { createProxyServer } = require(path.join(__dirname, 'peers', 'node_modules', 'http-proxy'));

const agent = new http.Agent({ keepAlive: true });
const proxy = createProxyServer({ target: process.env.BENCH_PROVIDER, changeOrigin: true, agent });
const server = http.createServer((request, response) => proxy.web(request, response));
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
