import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface HttpProxy {
  /** With user and password. */
  readonly url: string;
  /** What was asked of it: `CONNECT host:port`, `POST http://...`. */
  readonly asked: string[];
  close(): Promise<void>;
}

function isWelcome(headers: NodeJS.Dict<string | string[]>): boolean {
  return headers['proxy-authorization'] === `Basic ${btoa('ada:s:cret')}`;
}

/** A proxy on loopback for ada, whose password is s:cret: plain requests and tunnels. Nobody else gets through. */
export async function startProxy(): Promise<HttpProxy> {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    if (!isWelcome(incoming.headers)) return void response.writeHead(407).end();
    const { method = '', headers } = incoming;
    const onwards = request(incoming.url ?? '', { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onwards);
  });
  server.on('connect', (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    if (!isWelcome(incoming.headers)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const [host = '', port] = (incoming.url ?? '').split(':');
    const onwards = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onwards.pipe(socket).pipe(onwards);
    });
    for (const end of [onwards, socket]) end.on('error', () => socket.destroy());
  });
  // Of tunnels, the server knows nothing any more.
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://ada:s%3Acret@127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
