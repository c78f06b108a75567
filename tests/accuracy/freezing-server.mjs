// A server that stops dead for one second in every ten, counted from its first request: five seconds after
// it, and every ten from then on. Prints its port. Blocking the event loop is what a long collection or a
// stop-the-world backup does to a real one.
import http from 'node:http';

const pauseMs = 1000;
const periodMs = 10_000;
const firstAtMs = 5_000;
let startedAtMs = 0;
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

const server = http.createServer((_request, response) => {
  if (startedAtMs === 0) {
    startedAtMs = performance.now();
    schedule(firstAtMs);
  }
  response.end('ok');
});
server.listen(0, '127.0.0.1', 1024, () => console.log(server.address().port));
