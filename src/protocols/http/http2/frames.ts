// The frames of HTTP/2 as they are written: RFC 9113 sections 4.1 and 6. Called by link.ts, and by frame-reader.ts for
// the numbers.

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const frameFlags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const frameHeadBytes = 9;
/** What either side may send before it is told otherwise, and what we leave it at. */
export const usualFrameBytes = 16_384;

/** Room for a frame whose head is written. */
function frame(type: number, flags: number, streamId: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(frameHeadBytes + length);
  writeHead(bytes, 0, type, flags, streamId, length);
  return bytes;
}

function writeHead(
  bytes: Buffer,
  at: number,
  type: number,
  flags: number,
  streamId: number,
  length: number,
): void {
  bytes[at] = length >>> 16;
  bytes[at + 1] = (length >>> 8) & 255;
  bytes[at + 2] = length & 255;
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  bytes[at + 5] = streamId >>> 24;
  bytes[at + 6] = (streamId >>> 16) & 255;
  bytes[at + 7] = (streamId >>> 8) & 255;
  bytes[at + 8] = streamId & 255;
}

/** The head of a request in as many frames as the server's limit asks for. */
export function headFrames(
  streamId: number,
  block: Buffer,
  endsStream: boolean,
  maxFrameBytes: number,
): Buffer {
  const end = endsStream ? frameFlags.endStream : 0;
  if (block.length <= maxFrameBytes) {
    const bytes = frame(frameTypes.headers, frameFlags.endHeaders | end, streamId, block.length);
    block.copy(bytes, frameHeadBytes);
    return bytes;
  }
  const pieces: Buffer[] = [];
  for (let at = 0; at < block.length; at += maxFrameBytes) {
    const piece = block.subarray(at, at + maxFrameBytes);
    const type = at === 0 ? frameTypes.headers : frameTypes.continuation;
    const isLast = at + piece.length === block.length;
    const flags = (isLast ? frameFlags.endHeaders : 0) | (at === 0 ? end : 0);
    pieces.push(frame(type, flags, streamId, 0), piece);
    writeHead(pieces.at(-2)!, 0, type, flags, streamId, piece.length);
  }
  return Buffer.concat(pieces);
}

/** `bytes[from, to)` of a body. */
export function dataFrame(
  streamId: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  endsStream: boolean,
): Buffer {
  const made = frame(frameTypes.data, endsStream ? frameFlags.endStream : 0, streamId, to - from);
  made.set(bytes.subarray(from, to), frameHeadBytes);
  return made;
}

export function resetFrame(streamId: number, code: number): Buffer {
  const bytes = frame(frameTypes.reset, 0, streamId, 4);
  bytes.writeUInt32BE(code, frameHeadBytes);
  return bytes;
}

export function windowFrame(streamId: number, byteCount: number): Buffer {
  const bytes = frame(frameTypes.windowUpdate, 0, streamId, 4);
  bytes.writeUInt32BE(byteCount, frameHeadBytes);
  return bytes;
}

/** The answer to a ping with the same eight bytes. */
export function pingAnswer(bytes: Buffer, from: number): Buffer {
  const made = frame(frameTypes.ping, frameFlags.ack, 0, 8);
  bytes.copy(made, frameHeadBytes, from, from + 8);
  return made;
}

/** No stream of the server's was looked at: there are none. */
export function goawayFrame(code: number): Buffer {
  const bytes = frame(frameTypes.goaway, 0, 0, 8);
  bytes.writeUInt32BE(0, frameHeadBytes);
  bytes.writeUInt32BE(code, frameHeadBytes + 4);
  return bytes;
}

export const settingsAnswer = frame(frameTypes.settings, frameFlags.ack, 0, 0);

/** What k6's client grants: 4 MB for each response, and for all together more than they can use. */
export const streamWindowBytes = 4 * 1024 * 1024;
export const sessionWindowBytes = 2 ** 30;
/** RFC 9113 section 6.9.2. */
export const firstWindowBytes = 65_535;

/** What opens a connection: the preface, our settings, and the window of the whole connection. */
export function openingBytes(maxHeadBytes: number): Buffer {
  const settings: readonly [number, number][] = [
    [settingIds.enablePush, 0],
    [settingIds.initialWindowSize, streamWindowBytes],
    [settingIds.maxHeaderListSize, maxHeadBytes],
  ];
  const own = frame(frameTypes.settings, 0, 0, settings.length * settingBytes);
  for (const [index, [id, value]] of settings.entries()) {
    own.writeUInt16BE(id, frameHeadBytes + index * settingBytes);
    own.writeUInt32BE(value, frameHeadBytes + index * settingBytes + 2);
  }
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
  return Buffer.concat([preface, own, windowFrame(0, sessionWindowBytes - firstWindowBytes)]);
}

export const settingBytes = 6;
export const settingIds = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;
