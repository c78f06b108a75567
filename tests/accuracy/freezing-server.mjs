// A server that stops dead for one second in every ten, counted from its first request: five seconds after
// it, and every ten from then on. Prints its port. Blocking the event loop is what a long collection or a
// stop-the-world backup does to a real one. `/stalls` lists when it served nothing: its own freezes, and what a busy
// machine added to them, each as ms from the first request until its begin and its end.
import http from 'node:http';

const pauseMs = 1000;
const periodMs = 10_000;
const firstAtMs = 5_000;
const tickMs = 2;
/** Shorter waits are the timer's own. */
const leastStallMs = 10;
let startedAtMs = 0;
const stalls = [];
const cell = new Int32Array(new SharedArrayBuffer(4));

function schedule(atMs) {
  setTimeout(
    () => {
      // Until the exact end of the pause, so that a late timer does not shift the next one.
      Atomics.wait(cell, 0, 0, startedAtMs + atMs + pauseMs - performance.now());
      schedule(atMs + periodMs);
    },
    startedAtMs + atMs - performance.now(),
  );
}

function watchStalls() {
  let lastMs = performance.now();
  setInterval(() => {
    const nowMs = performance.now();
    if (nowMs - lastMs >= leastStallMs) stalls.push([lastMs - startedAtMs, nowMs - startedAtMs]);
    lastMs = nowMs;
  }, tickMs);
}

const server = http.createServer((request, response) => {
  if (request.url === '/stalls') {
    response.end(JSON.stringify(stalls));
    return;
  }
  if (startedAtMs === 0) {
    startedAtMs = performance.now();
    schedule(firstAtMs);
    watchStalls();
  }
  response.end('ok');
});
server.listen(0, '127.0.0.1', 1024, () => console.log(server.address().port));
