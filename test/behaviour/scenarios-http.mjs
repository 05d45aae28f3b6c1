/**
 * What apps do with node:http.
 * Every scenario asks for the model it is named after, as those of the clients do.
 */
import http from 'node:http';
import { PassThrough, Readable, pipeline } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { collect, describeError, outcome, settle } from './observe.mjs';
import { decode, requestOf, STREAM } from './requests.mjs';

/** A call through node:http; `use` gets the request and says what to do with it. */
function call(app, words, body, use) {
  const { address, headers, body: text } = requestOf(app, words, body);
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method: 'POST', headers });
    use(request, resolve, reject);
    request.end(text);
  });
}

/** What is emitted, in order. */
function record(emitter, names) {
  const events = [];
  for (const name of names)
    emitter.on(name, (value) => events.push(value instanceof Error ? [name, describeError(value)] : name));
  return events;
}

const RESPONSE_EVENTS = ['end', 'close', 'aborted', 'error', 'pause', 'resume'];

/** @type {Record<string, (app: { url: string, refused: string, model: string }) => Promise<unknown>>} */
export const HTTP_SCENARIOS = {
  'http, data': (app) =>
    call(app, 'plain', {}, (request, resolve, reject) => {
      request.on('error', reject).on('response', (response) => {
        const events = record(response, RESPONSE_EVENTS);
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('close', () => {
          const { statusCode, headers, complete } = response;
          resolve({ text: decode(Buffer.concat(chunks)), events, statusCode, headers, complete });
        });
      });
    }),
  'http, callback': (app) => {
    const { address, headers, body } = requestOf(app, 'plain');
    return new Promise((resolve, reject) => {
      const request = http.request(address, { method: 'POST', headers }, (response) => resolve(textOf(response)));
      request.on('error', reject).write(body.slice(0, 10), () => request.end(body.slice(10)));
    });
  },
  'http, options only': (app) => {
    const { address, headers, body } = requestOf(app, 'plain');
    const { hostname, port, pathname } = new URL(address);
    return new Promise((resolve, reject) => {
      const request = http.request({ hostname, port, path: pathname, method: 'POST', headers });
      request.on('error', reject).on('response', (response) => resolve(textOf(response)));
      Readable.from([Buffer.from(body)]).pipe(request);
    });
  },
  'http.get': (app) =>
    new Promise((resolve) => {
      http.get(`${app.url}/v1/models`, (response) => resolve(textOf(response)));
    }),
  'http, text decoder': (app) =>
    call(app, 'split', STREAM, (request, resolve) => {
      request.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ text, encoding: response.readableEncoding }));
      });
    }),
  'http, pipe': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('response', (response) => resolve(textOf(response.pipe(new PassThrough()))));
    }),
  'http, pipeline of gzip': async (app) => {
    const { address, headers, body } = requestOf(app, 'gzip');
    const response = await new Promise((resolve, reject) => {
      http
        .request(address, { method: 'POST', headers: { ...headers, 'accept-encoding': 'gzip' } }, resolve)
        .on('error', reject)
        .end(body);
    });
    const plain = pipeline(response, createGunzip(), () => {});
    return { encoding: response.headers['content-encoding'], text: await textOf(plain) };
  },
  'http, loop': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('response', async (response) => {
        const { items } = await collect(response);
        resolve({ text: decode(Buffer.concat(items)), destroyed: response.destroyed });
      });
    }),
  'http, loop and break': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('response', async (response) => {
        const events = record(request, ['close', 'error']);
        await collect(response, 1);
        await sleep(20);
        resolve({ events, destroyed: response.destroyed, aborted: response.aborted });
      });
    }),
  'http, readable and read()': (app) =>
    call(app, 'plain', {}, (request, resolve) => {
      request.on('response', (response) => {
        let text = '';
        response.on('readable', () => {
          for (let chunk = response.read(16); chunk; chunk = response.read(16) ?? response.read()) text += chunk;
        });
        response.on('end', () => resolve(text));
      });
    }),
  'http, paused': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('response', async (response) => {
        const events = record(response, RESPONSE_EVENTS);
        response.pause();
        await sleep(60);
        const { items } = await collect(response);
        resolve({ events, text: decode(Buffer.concat(items)) });
      });
    }),
  'http, nobody listens for the response': (app) =>
    call(app, 'plain', {}, (request, resolve) => {
      const events = record(request, ['error']);
      request.on('close', () => resolve({ events, listeners: request.listenerCount('response') }));
    }),
  'http, response never read': (app) =>
    call(app, 'plain', {}, (request, resolve) => {
      request.on('response', async (response) => {
        await settle();
        const { complete, readableFlowing, destroyed } = response;
        resolve({ complete, readableFlowing, destroyed, listeners: response.eventNames() });
        response.destroy();
      });
    }),
  'http, response destroyed': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      const events = record(request, ['close', 'error']);
      request.on('response', async (response) => {
        const seen = record(response, RESPONSE_EVENTS);
        response.once('data', () => response.destroy());
        await sleep(40);
        resolve({ events, seen });
      });
    }),
  'http, response destroyed with an error': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('error', () => {});
      request.on('response', async (response) => {
        const seen = record(response, RESPONSE_EVENTS);
        response.once('data', () => response.destroy(new Error('mine')));
        resolve({ ended: await outcome(() => finished(response)), seen });
      });
    }),
  'http, request destroyed': (app) =>
    call(app, 'hang', {}, (request, resolve) => {
      const events = record(request, ['close', 'error', 'abort']);
      setTimeout(() => request.destroy(), 40);
      request.on('close', () => resolve(events));
    }),
  'http, aborted by a signal': (app) => {
    const { address, headers, body } = requestOf(app, 'hang');
    return new Promise((resolve) => {
      const request = http.request(address, { method: 'POST', headers, signal: AbortSignal.timeout(40) });
      request.on('error', (error) => resolve(describeError(error))).end(body);
    });
  },
  'http, timeout': (app) =>
    call(app, 'hang', {}, (request, resolve) => {
      const events = record(request, ['timeout', 'close', 'error']);
      request.setTimeout(40, () => request.destroy(new Error('too slow')));
      request.on('close', () => resolve(events));
    }),
  'http, cut': (app) =>
    call(app, 'cut', STREAM, (request, resolve) => {
      request.on('error', () => {});
      request.on('response', (response) => {
        const events = record(response, RESPONSE_EVENTS);
        response.resume().on('close', () => resolve({ events, complete: response.complete }));
      });
    }),
  'http, connection refused': (app) =>
    call({ ...app, url: app.refused }, 'plain', {}, (request, resolve) => {
      request.on('error', (error) => resolve(describeError(error)));
    }),
  'http, error': (app) =>
    call(app, 'error-429', {}, (request, resolve) => {
      request.on('response', async (response) =>
        resolve({ status: response.statusCode, text: await textOf(response) }),
      );
    }),
  'http, an error nobody listens for': (app) =>
    // The process would end; whoever listens for that sees the same error as before.
    new Promise((resolve) => {
      process.once('uncaughtException', (error) => resolve(describeError(error)));
      const { address, headers, body } = requestOf({ ...app, url: app.refused }, 'plain');
      http.request(address, { method: 'POST', headers }).end(body);
    }),
  'http, an exception in a listener': (app) =>
    new Promise((resolve) => {
      const { address, headers, body } = requestOf(app, 'plain');
      const request = http.request(address, { method: 'POST', headers }, () => {
        throw new Error('mine');
      });
      process.once('uncaughtException', (error) => {
        request.destroy();
        resolve(describeError(error));
      });
      request.on('error', () => {}).end(body);
    }),
  'http, kept alive': async (app) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const reused = [];
    for (let round = 0; round < 3; round++) {
      const { address, headers, body } = requestOf(app, 'plain');
      await new Promise((resolve, reject) => {
        const request = http.request(address, { method: 'POST', headers, agent }, (response) => {
          reused.push(request.reusedSocket);
          response.resume().on('end', resolve);
        });
        request.on('error', reject).end(body);
      });
      await sleep(1);
    }
    agent.destroy();
    return reused;
  },
  'http, what a request is': (app) =>
    call(app, 'plain', {}, (request, resolve) => {
      const { method, path: target, host, protocol } = request;
      const described = {
        method,
        target,
        host,
        protocol,
        class: request.constructor.name,
        headers: request.getHeaderNames(),
      };
      request.on('response', (response) => {
        response.resume();
        resolve({ ...described, response: response.constructor.name, listeners: request.eventNames().map(String) });
      });
    }),
  'http, wrong arguments': async () => ({
    url: await outcome(() => void http.request('nowhere')),
    method: await outcome(() => void http.request('http://127.0.0.1', { method: 'NO WAY' })),
    protocol: await outcome(() => void http.request('ftp://127.0.0.1')),
  }),
};
