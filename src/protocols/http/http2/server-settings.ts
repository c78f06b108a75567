// What a server allows us: its SETTINGS, RFC 9113 section 6.5. Called by link.ts.

import { Http2Failure } from './failure.ts';
import { firstWindowBytes, settingBytes, settingIds, usualFrameBytes } from './frames.ts';

/** RFC 9113 section 6.9.1. */
export const largestWindow = 2 ** 31 - 1;
const largestFrame = 2 ** 24 - 1;

export class ServerSettings {
  /** It has told of its settings. */
  isKnown = false;
  /** One until it has said so: a refused request would be received and yet not processed. */
  maxStreams = 1;
  /** The window of a stream that is opened now. */
  streamWindow = firstWindowBytes;
  maxFrameBytes = usualFrameBytes;

  /**
   * Takes over a whole SETTINGS frame; returns by how much the windows of open streams change. Throws an `Http2Failure`
   * for what no server may ask for.
   */
  apply(bytes: Buffer, from: number, to: number): number {
    if ((to - from) % settingBytes !== 0) {
      throw new Http2Failure(
        'frameSize',
        `settings of ${to - from} bytes, which is no multiple of ${settingBytes}`,
      );
    }
    const windowBefore = this.streamWindow;
    if (!this.isKnown) this.maxStreams = Number.POSITIVE_INFINITY;
    this.isKnown = true;
    for (let at = from; at < to; at += settingBytes)
      this.#set(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
    return this.streamWindow - windowBefore;
  }

  #set(id: number, value: number): void {
    switch (id) {
      case settingIds.enablePush:
        if (value !== 0) throw new Http2Failure('protocol', 'a server that says it accepts pushed responses');
        break;
      case settingIds.maxConcurrentStreams:
        this.maxStreams = value;
        break;
      case settingIds.initialWindowSize:
        if (value > largestWindow) throw new Http2Failure('flowControl', `a window of ${value} bytes`);
        this.streamWindow = value;
        break;
      case settingIds.maxFrameSize:
        if (value < usualFrameBytes || value > largestFrame) {
          throw new Http2Failure('protocol', `frames of at most ${value} bytes`);
        }
        // Longer ones would hold up the other streams of the connection.
        break;
      default:
      // The size of its table is nothing to us, since we put nothing into it; a head is as long as the suite makes it; and
      // unknown settings are to be ignored (section 6.5.2).
    }
  }
}
