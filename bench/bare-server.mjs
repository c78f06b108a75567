// A minimal HTTP server for machines without nginx: answers every request head with the same bytes.
// Arguments: port, port for TLS, folder with cert.pem and key.pem, body.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

const [port, tlsPort, folder, body] = process.argv.slice(2);
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);

function serve(socket) {
  socket.on('data', (chunk) => {
    // Benchmark clients send one whole request at a time and no bodies.
    if (chunk.includes('\r\n\r\n')) socket.write(answer);
  });
  socket.on('error', () => {});
}

net.createServer({ noDelay: true }, serve).listen(Number(port), '127.0.0.1', 4096);
tls
  .createServer(
    { noDelay: true, cert: readFileSync(`${folder}/cert.pem`), key: readFileSync(`${folder}/key.pem`) },
    serve,
  )
  .on('tlsClientError', () => {})
  .listen(Number(tlsPort), '127.0.0.1', 4096);
