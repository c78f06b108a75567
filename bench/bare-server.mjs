// A minimal HTTP server for machines without nginx: answers every request head with the same bytes.
// Arguments: port, body.
import net from 'node:net';

const [port, body] = process.argv.slice(2);
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
net
  .createServer({ noDelay: true }, (socket) => {
    socket.on('data', (chunk) => {
      // Benchmark clients send one whole request at a time and no bodies.
      if (chunk.includes('\r\n\r\n')) socket.write(answer);
    });
    socket.on('error', () => {});
  })
  .listen(Number(port), '127.0.0.1', 4096);
