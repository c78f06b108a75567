// Servers whose service times are known in advance, one kind per process: `node known-server.mjs <kind>`. Prints its
// port. Times follow from the number of the request, counted from 0 in order of arrival. `/log` lists, for each
// request answered, the time from its arrival to its answer as measured here.
import http from 'node:http';
import { performance } from 'node:perf_hooks';

/** Spreads 0, 1, 2... evenly over 0 to 1: every stretch of numbers covers it (golden ratio sequence). */
const spread = (number) => (number * 0.6180339887498949) % 1;

/** Each gives the time at which request `number` is answered, and its status. */
const kinds = {
  /** One request in a hundred takes 50 times as long as the others. */
  'slow-tail': (number, nowMs) => ({ atMs: nowMs + (number % 100 === 50 ? 15_000 : 300) }),

  /** One after the other, 50 ms each. */
  queue: (_number, nowMs) => {
    queueEndMs = Math.max(nowMs, queueEndMs) + 50;
    return { atMs: queueEndMs };
  },

  /** From 1000 ms down to 100 ms, in a line over the first 200 requests. */
  'slow-start': (number, nowMs) => ({ atMs: nowMs + Math.max(100, 1000 - 4.5 * number) }),

  /** Three in ten fail after 200 ms; the others take 400 to 800 ms, evenly. */
  'fast-errors': (number, nowMs) =>
    number % 10 === 2 || number % 10 === 5 || number % 10 === 8
      ? { atMs: nowMs + 200, status: 500 }
      : { atMs: nowMs + 400 + 400 * spread(number) },

  /** 20 to 400 ms, evenly on a logarithmic scale. */
  spread: (number, nowMs) => ({ atMs: nowMs + 20 * 20 ** spread(number) }),

  /** At once. */
  quick: (_number, nowMs) => ({ atMs: nowMs }),
};

let queueEndMs = 0;
let count = 0;
const log = [];
const kind = kinds[process.argv[2]];
const cell = new Int32Array(new SharedArrayBuffer(4));

/** Timers are whole milliseconds and late; the last two are waited for exactly. */
function callAt(atMs, answer) {
  const leftMs = atMs - performance.now();
  if (leftMs > 2.5) {
    setTimeout(callAt, leftMs - 2, atMs, answer);
    return;
  }
  if (leftMs > 0) Atomics.wait(cell, 0, 0, leftMs);
  answer();
}

const server = http.createServer((request, response) => {
  const arrivedAtMs = performance.now();
  if (request.url === '/log') {
    response.end(JSON.stringify(log));
    return;
  }
  const { atMs, status = 200 } = kind(count++, arrivedAtMs);
  callAt(atMs, () => {
    const tookMs = performance.now() - arrivedAtMs;
    log.push(tookMs);
    response.writeHead(status, { 'x-took-ms': String(tookMs) }).end('ok');
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', 1024, () => console.log(server.address().port));
