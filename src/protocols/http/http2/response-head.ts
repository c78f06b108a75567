// Makes of the fields of a head what the rest of the client knows of a response, in the words of HTTP/1.1. Called by
// hpack-decoder.ts.

import type { HeadField } from './field.ts';

/** As for HTTP/1.1: a longer head is no answer. */
export const maxHeadBytes = 64 * 1024;

export interface ResponseHead {
  /** 0 for the fields after a body. */
  readonly status: number;
  readonly rawHeaders: string;
  /** As `content-length` declares it; -1 without one. */
  readonly lengthBytes: number;
  readonly hasSetCookie: boolean;
  readonly hasContentEncoding: boolean;
  /** Why the message is none: RFC 9113 section 8.1.1; `null` for a good one. */
  readonly fault: string | null;
}

const goodStatus = /^[1-9]\d\d$/;
const goodLength = /^\d{1,15}$/;

export class HeadBuilder {
  #status = 0;
  #lines = '';
  #byteCount = 0;
  #lengthBytes = -1;
  #hasSetCookie = false;
  #hasContentEncoding = false;
  #fault: string | null = null;
  #hasRegular = false;

  add({ name, value, size, fault }: HeadField): void {
    this.#byteCount += size;
    if (this.#fault !== null) return;
    if (fault !== null) this.#fault = fault;
    else if (this.#byteCount > maxHeadBytes) this.#fault = `a head longer than ${maxHeadBytes} bytes`;
    else if (name.charCodeAt(0) === 0x3a) this.#addPseudo(name, value);
    else this.#addRegular(name, value);
  }

  #addPseudo(name: string, value: string): void {
    if (name !== ':status') this.#fault = `the pseudo-header field ${name} in a response`;
    else if (this.#status !== 0) this.#fault = 'two statuses';
    else if (this.#hasRegular) this.#fault = 'a status after other fields';
    else if (!goodStatus.test(value)) this.#fault = 'a status that is no number of three digits';
    else if (value === '101') this.#fault = 'the status 101, which belongs to HTTP/1.1';
    else this.#status = Number(value);
  }

  #addRegular(name: string, value: string): void {
    this.#hasRegular = true;
    if (name === 'set-cookie') this.#hasSetCookie = true;
    else if (name === 'content-encoding') this.#hasContentEncoding = true;
    else if (name === 'content-length') {
      const lengthBytes = goodLength.test(value) ? Number(value) : -1;
      if (lengthBytes < 0 || (this.#lengthBytes >= 0 && this.#lengthBytes !== lengthBytes)) {
        this.#fault = 'a content-length that is no number, or two that differ';
      }
      this.#lengthBytes = lengthBytes;
    }
    this.#lines += `${name}: ${value}\r\n`;
  }

  head(): ResponseHead {
    return {
      status: this.#status,
      rawHeaders: this.#lines,
      lengthBytes: this.#lengthBytes,
      hasSetCookie: this.#hasSetCookie,
      hasContentEncoding: this.#hasContentEncoding,
      fault: this.#fault,
    };
  }
}
