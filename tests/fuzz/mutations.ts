// Responses to damage, and the damage. The same seed gives the same bytes. Used by the fuzz tests.

/** Twelve bytes that name one request, in every place where a template has `@@@@@@@@@@@@`. */
const placeholder = '@'.repeat(12);
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n';

/** Well-formed responses of every framing; a token stands in the head and in the body wherever there is one. */
const templates: readonly string[] = [
  `HTTP/1.1 200 OK\r\nX-Token: ${placeholder}\r\nContent-Length: 12\r\n\r\n${placeholder}`,
  `HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 21 Nov 2026 06:00:00 GMT\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\nX-Token: ${placeholder}\r\nContent-Length: 41\r\n\r\n${placeholder} and some more ${placeholder}\r\n`,
  `${chunked}X-Token: ${placeholder}\r\n\r\nc\r\n${placeholder}\r\n0\r\n\r\n`,
  `${chunked}Set-Cookie: id=${placeholder}; Path=/\r\n\r\n7;a=b;c="d;e"\r\n{"id":"\r\n00e\r\n${placeholder}"}\r\n0;z\r\nX-Sum: ${placeholder}\r\nY:\r\n\r\n`,
  `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </${placeholder}>\r\n\r\nHTTP/1.1 201 Created\r\nX-Token: ${placeholder}\r\nContent-Length: 12\r\n\r\n${placeholder}`,
  `HTTP/1.1 204 No Content\r\nX-Token: ${placeholder}\r\n\r\n`,
  `HTTP/1.1 304 Not Modified\r\nX-Token: ${placeholder}\r\nContent-Length: 900\r\nKeep-Alive: timeout=5\r\n\r\n`,
  `HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\nX-Token: ${placeholder}\r\nContent-Length: 12\r\n\r\n${placeholder}`,
  `HTTP/1.1 500 Oh ${placeholder}\r\nConnection: close\r\nContent-Length: 12\r\n\r\n${placeholder}`,
  // A body that looks like a response, as a proxy's error page or an archive of messages may.
  `HTTP/1.1 200 OK\r\nX-Token: ${placeholder}\r\nContent-Length: 51\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n${placeholder}`,
  // Not as they should be written, and read all the same: RFC 9112 sections 2.2, 5.1, 5.2 and 6.3.
  `\nHTTP/1.1  200\nX-Token : ${placeholder}\n folded\nContent-Length: 12, 12\n\n${placeholder}`,
  `${chunked}X-Token:\r\n ${placeholder}\r\n\tmore\r\nContent-Length: 3\r\n\r\nc  \r\n${placeholder}\r\n0 \r\nX : y\n z\n\n`,
];

export interface Template {
  readonly bytes: Buffer;
  /** Where tokens stand. */
  readonly tokenAt: readonly number[];
}

export const responses: readonly Template[] = templates.map((text) => {
  const tokenAt: number[] = [];
  for (let at = text.indexOf(placeholder); at >= 0; at = text.indexOf(placeholder, at + 1)) tokenAt.push(at);
  return { bytes: Buffer.from(text, 'latin1'), tokenAt };
});

/** No response grows beyond this. */
export const maxResponseBytes = 2048;

const tokenPattern = /T[0-9a-f]{10}Z/g;

/** The token of request `number`; tokens of different numbers differ in many digits. */
export function tokenOf(number: number): string {
  const digits = (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return `T${digits}${(number & 0xff).toString(16).padStart(2, '0')}Z`;
}

/** All tokens in a text. */
export function tokensIn(text: string): string[] {
  return text.match(tokenPattern) ?? [];
}

/** Writes `template` with its tokens into `into`; returns the byte count. */
export function writeResponse(template: Template, token: string, into: Buffer): number {
  const { bytes } = template;
  bytes.copy(into, 0, 0, bytes.length);
  for (const at of template.tokenAt) into.write(token, at, 'latin1');
  return bytes.length;
}

const oddBytes = [0, 9, 10, 13, 32, 34, 44, 45, 48, 49, 57, 58, 59, 65, 97, 102, 127, 128, 255];
const fragments = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '0\r\n\r\n',
  ' ',
  ', ',
  ';x="',
  '0',
  'ffffffffffff',
  ' \r\n',
  '\r\n x',
  'Content-Length: 3\r\n',
  'Content-Length: 12, 12\r\n',
  'Content-Length: 4000\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'Content-Encoding: gzip\r\n',
  'Set-Cookie: a=b; Expires=never\r\n',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
].map((text) => Buffer.from(text, 'latin1'));

/** Damages the response in `bytes[0, length)` in one to three places; returns its new length. */
export function mutate(bytes: Buffer, length: number, random: () => number): number {
  let now = length;
  for (let rounds = 1 + Math.floor(random() * 3); rounds > 0; rounds--) now = mutateOnce(bytes, now, random);
  return now;
}

function mutateOnce(bytes: Buffer, length: number, random: () => number): number {
  if (length === 0) return 0;
  const at = Math.floor(random() * length);
  switch (Math.floor(random() * 7)) {
    case 0:
    case 1:
    case 2:
      return damagePlace(bytes, length, at, random);
    case 3:
      bytes[at] = oddBytes[Math.floor(random() * oddBytes.length)]!;
      return length;
    case 4:
      return insertBytes(
        bytes,
        length,
        at,
        fragments[Math.floor(random() * fragments.length)]!,
        maxResponseBytes,
      );
    case 5: {
      const from = Math.floor(random() * length);
      const to = Math.min(length, from + 1 + Math.floor(random() * 60));
      return insertBytes(bytes, length, at, Buffer.from(bytes.subarray(from, to)), maxResponseBytes);
    }
    default:
      // Cutting the end off is what a dying server does; rarely, since little is left to test.
      return random() < 0.3 ? at : length;
  }
}

/** Another byte, a flipped bit, or some bytes fewer; returns the new length. */
export function damagePlace(bytes: Buffer, length: number, at: number, random: () => number): number {
  switch (Math.floor(random() * 3)) {
    case 0:
      bytes[at] = Math.floor(random() * 256);
      return length;
    case 1:
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
      return length;
    default: {
      const count = Math.min(length - at, 1 + Math.floor(random() * 12));
      bytes.copy(bytes, at, at + count, length);
      return length - count;
    }
  }
}

/** Puts `from` in at a place, as long as the whole stays within `mostBytes`; returns the new length. */
export function insertBytes(
  bytes: Buffer,
  length: number,
  at: number,
  from: Buffer,
  mostBytes: number,
): number {
  if (length + from.length > mostBytes) return length;
  bytes.copy(bytes, at + from.length, at, length);
  from.copy(bytes, at);
  return length + from.length;
}

export const fuzzSeed = Number(process.env.PLIMSOLL_FUZZ_SEED ?? 20_261_121);
/** Damaged responses for the parser; a fraction of it goes through sockets. */
export const fuzzCount = Number(process.env.PLIMSOLL_FUZZ_COUNT ?? 1_000_000);
