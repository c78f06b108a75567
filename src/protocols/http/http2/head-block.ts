// Writes the head of a request as HPACK (RFC 7541). Nothing goes into the server's dynamic table, so that a block means the
// same on each connection, and is written once for all requests that are alike. Called by link.ts.

import type { PreparedRequest } from '../request.ts';
import { indexOfField, indexOfName } from './static-table.ts';

/** What belongs to one connection of HTTP/1.1 and may not be sent (RFC 9113 section 8.2.2). */
const forbidden = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
/** Fields that no proxy may keep in a table of its own: RFC 7541 section 7.1.3. */
const sensitive = new Set(['authorization', 'cookie', 'proxy-authorization']);

const mostBlocks = 1024;
const mostKeyLength = 4096;

export class HeadBlocks {
  /** By scheme and the same head in HTTP/1.1. Emptied when full: heads that never repeat must not fill the memory. */
  readonly #blocks = new Map<string, Buffer>();
  /** Of requests that are sent again and again as they are: their bytes were made once. */
  readonly #prepared = new WeakMap<PreparedRequest, Buffer>();

  /** The block of a request; not to be changed. */
  of(request: PreparedRequest): Buffer {
    if (typeof request.bytes === 'string') return this.#byHead(request);
    let block = this.#prepared.get(request);
    if (block === undefined) {
      block = this.#byHead(request);
      this.#prepared.set(request, block);
    }
    return block;
  }

  #byHead(request: PreparedRequest): Buffer {
    const head = headOf(request);
    const { secure } = request.target.origin;
    const key = secure ? head : `http ${head}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const block = encodeHead(request, head);
    if (key.length <= mostKeyLength) {
      if (this.#blocks.size >= mostBlocks) this.#blocks.clear();
      this.#blocks.set(key, block);
    }
    return block;
  }
}

/** The head as it would be in HTTP/1.1: all that goes into it was checked where it came from. */
function headOf({ bytes, body }: PreparedRequest): string {
  if (typeof bytes !== 'string') return bytes.toString('latin1');
  // Head and text of a body are one string.
  const isJoined = body !== null && typeof body.content === 'string';
  return isJoined ? bytes.slice(0, bytes.length - (body.content as string).length) : bytes;
}

function encodeHead({ method, target }: PreparedRequest, head: string): Buffer {
  const { origin, path } = target;
  const fields: [name: string, value: string][] = [];
  let authority = origin.hostHeader;
  // The head is our own: lower-case names, one line each, nothing folded.
  let from = head.indexOf('\r\n') + 2;
  for (let end = head.indexOf('\r\n', from); end > from; end = head.indexOf('\r\n', from)) {
    const colon = head.indexOf(':', from);
    const name = head.slice(from, colon);
    const value = head.slice(colon + 2, end);
    if (name === 'host') authority = value;
    else if (!forbidden.has(name) && (name !== 'te' || value === 'trailers')) fields.push([name, value]);
    from = end + 2;
  }
  const pseudo: [string, string][] = [
    [':method', method],
    [':scheme', origin.secure ? 'https' : 'http'],
    [':authority', authority],
    [':path', path],
  ];
  return Buffer.concat([...pseudo, ...fields].map(([name, value]) => encodeField(name, value)));
}

function encodeField(name: string, value: string): Buffer {
  const whole = indexOfField.get(`${name}\n${value}`);
  if (whole !== undefined) return integer(0x80, 7, whole);
  const index = indexOfName.get(name);
  // Section 6.2.2 or 6.2.3.
  const kind = sensitive.has(name) ? 0x10 : 0x00;
  const start = index === undefined ? [Buffer.from([kind]), text(name)] : [integer(kind, 4, index)];
  return Buffer.concat([...start, text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(0, 7, bytes.length), bytes]);
}

/** Section 5.1, with a prefix of `bits` after the bits of `kind`. */
function integer(kind: number, bits: number, value: number): Buffer {
  const most = (1 << bits) - 1;
  if (value < most) return Buffer.from([kind | value]);
  const bytes = [kind | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}
