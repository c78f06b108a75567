// The way out of a connection of HTTP/1.1: writes requests, and knows how much of the current one has gone out.
// Called by connection.ts.

import type net from 'node:net';
import { monotonicMs } from '../../time/clock.ts';
import { BodyWriter } from './body-writer.ts';
import type { HttpExchange } from './exchange.ts';
import type { PreparedRequest } from './request.ts';
import { Upload, type UploadEvents } from './upload.ts';

/** What a socket's writer calls a chunk that is no text; the types know text encodings only. */
const bytesAsTheyAre = 'buffer' as BufferEncoding;
/** Bodies up to this size are in the kernel when `write` returns; larger ones report when they are. */
const largeBodyBytes = 16 * 1024;

/** Whose requests are written. */
export interface UploadOwner {
  uploadFailed(code: string, message: string): void;
}

export class RequestWriter implements UploadEvents {
  /** Not one byte of the current request could be written: no server has seen it. */
  unwritten = false;
  /** Process clock at which the writing of the current request failed. */
  failedAtMs = Number.POSITIVE_INFINITY;
  error: NodeJS.ErrnoException | null = null;

  readonly #secure: boolean;
  readonly #owner: UploadOwner;
  #socket!: net.Socket;
  #exchange: HttpExchange | null = null;
  /** Of a request that may take its time to get out. */
  #large: BodyWriter | null = null;
  /** The body on its way out, while it is being made. */
  #upload: Upload | null = null;
  /** While the first bytes of a request are handed over: an error then means that none has gone out. */
  #first = false;

  constructor(secure: boolean, owner: UploadOwner) {
    this.#secure = secure;
    this.#owner = owner;
  }

  /** A body is still being made. */
  get uploading(): boolean {
    return this.#upload !== null;
  }

  write(exchange: HttpExchange, socket: net.Socket): void {
    const { request } = exchange;
    this.#socket = socket;
    this.#exchange = exchange;
    this.#first = true;
    if (request.upload !== null || request.byteCount > largeBodyBytes) this.#writeLarge(exchange, socket);
    else this.#writeSmall(request, socket);
    this.#first = false;
    exchange.sentAtMs = monotonicMs();
    if (request.upload !== null && !this.unwritten) {
      this.#upload = new Upload(request.upload, this.#large!, this);
      this.#upload.start();
    }
  }

  #writeSmall({ bytes, bodyBytes }: PreparedRequest, socket: net.Socket): void {
    if (bodyBytes !== null) {
      socket.cork();
      socket.write(bytes);
      socket.write(bodyBytes, this.#onWritten);
      socket.uncork();
    } else if (this.#secure) {
      // A TLS socket is done with a write one turn of the loop after the bytes are out, and the answer may be
      // here before: only the stream's queue keeps the next request back until then. Without it Node aborts.
      socket.write(bytes, this.#onWritten);
    } else {
      // Straight to the socket's own writer: the stream's queue in front of it has nothing to do for one
      // request at a time, and costs a tick for each.
      socket._write(bytes, typeof bytes === 'string' ? 'utf8' : bytesAsTheyAre, this.#onWritten);
    }
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (!error) return;
    this.#noteUnwritten();
    this.#socket.destroy(error);
  };

  #writeLarge(exchange: HttpExchange, socket: net.Socket): void {
    const { bytes, bodyBytes } = exchange.request;
    const writer = new BodyWriter(socket, (error) => this.#onFailed(error));
    this.#large = writer;
    const written = (error?: Error | null): void => {
      // An answer that came before the body was out ends the sending by definition.
      if (!error && exchange.firstByteAtMs === 0) exchange.sentAtMs = monotonicMs();
    };
    writer.cork();
    writer.write(bytes, bodyBytes === null ? written : undefined);
    if (bodyBytes !== null) writer.write(bodyBytes, written);
    writer.uncork();
  }

  /**
   * The server takes no more of a request. It may have answered before, and what it said is still to be read
   * (RFC 9112 section 9.5): the reading side ends the request, or the sweep does.
   */
  #onFailed(error: Error): void {
    this.#noteUnwritten();
    this.error = error;
    this.failedAtMs = monotonicMs();
    this.stop();
    if (this.unwritten) this.#socket.destroy(error);
  }

  #noteUnwritten(): void {
    if (!this.#first) return;
    this.unwritten = true;
    if (this.#exchange !== null) this.#exchange.sent = false;
  }

  progressed(): void {
    const exchange = this.#exchange;
    const upload = this.#upload;
    if (exchange === null || upload === null) return;
    exchange.uploadedByteCount = upload.byteCount;
    // An answer that comes before the body is out ends the sending by definition.
    if (exchange.firstByteAtMs === 0) exchange.sentAtMs = monotonicMs();
    if (upload.ended) this.#upload = null;
  }

  uploadFailed(code: string, message: string): void {
    this.#upload = null;
    this.#owner.uploadFailed(code, message);
  }

  /** The request is answered. Returns the writer of what is not all with the system yet, if anything. */
  finish(): BodyWriter | null {
    const large = this.#large;
    this.#exchange = null;
    this.#large = null;
    return large?.unfinished ? large : null;
  }

  /** Closes our side once all that was handed over is out. */
  end(): void {
    this.stop();
    const socket = this.#socket;
    if (this.error === null && this.#large?.unfinished) this.#large.end(() => socket.end());
    else socket.end();
  }

  /** Makes no more of a body. */
  stop(): void {
    this.#upload?.stop();
    this.#upload = null;
  }
}
