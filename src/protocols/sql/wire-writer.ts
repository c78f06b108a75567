// Writes messages of PostgreSQL's protocol 3.0 into memory that all connections of a worker share. Called by
// connection.ts and what it carries. Source of the formats: PostgreSQL 18, section 54.7.

import { objectText } from './parameters.ts';

const slabBytes = 64 * 1024;
const protocolVersion = 196_608;
const sslRequestCode = 80_877_103;
const cancelRequestCode = 80_877_102;

/** What the statement, its portal or both are called is Latin-1: we name them. */
export class MessageWriter {
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  /** Where the bytes not taken yet begin, and where the next one goes. */
  #from = 0;
  #at = 0;
  #messageAt = 0;

  /** The bytes written since the last call. They stay as they are: later messages go elsewhere. */
  take(): Buffer {
    const taken = this.#slab.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return taken;
  }

  startup(parameters: Readonly<Record<string, string>>): void {
    this.#begin(0);
    this.#int32(protocolVersion);
    for (const name in parameters) {
      this.#text(name);
      this.#text(parameters[name]!);
    }
    this.#byte(0);
    this.#end();
  }

  sslRequest(): void {
    this.#begin(0);
    this.#int32(sslRequestCode);
    this.#end();
  }

  cancelRequest(processId: number, key: Buffer): void {
    this.#begin(0);
    this.#int32(cancelRequestCode);
    this.#int32(processId);
    this.#raw(key);
    this.#end();
  }

  /** An answer of the password exchange: with its mechanism when it is the first of SASL. */
  password(text: string, mechanism?: string): void {
    this.#begin(112);
    if (mechanism === undefined) {
      this.#text(text);
    } else {
      this.#text(mechanism);
      this.#sized(text);
    }
    this.#end();
  }

  saslResponse(text: string): void {
    this.#begin(112);
    this.#raw(Buffer.from(text));
    this.#end();
  }

  query(text: string): void {
    this.#begin(81);
    this.#text(text);
    this.#end();
  }

  parse(name: string, text: string): void {
    this.#begin(80);
    this.#text(name);
    this.#text(text);
    this.#int16(0);
    this.#end();
  }

  describe(name: string): void {
    this.#begin(68);
    this.#byte(83);
    this.#text(name);
    this.#end();
  }

  /** All results as text, and all parameters but bytes. */
  bind(portal: string, name: string, parameters: readonly unknown[]): void {
    const count = parameters.length;
    if (count > 65_535) throw new RangeError(`a statement takes at most 65535 parameters, got ${count}`);
    this.#begin(66);
    this.#text(portal);
    this.#text(name);
    if (parameters.some(isBytes)) {
      this.#int16(count);
      for (const value of parameters) this.#int16(isBytes(value) ? 1 : 0);
    } else {
      this.#int16(0);
    }
    this.#int16(count);
    for (let i = 0; i < count; i++) this.#parameter(parameters[i]);
    this.#int16(0);
    this.#end();
  }

  /** `limit` rows at the most, 0 for all. */
  execute(portal: string, limit: number): void {
    this.#begin(69);
    this.#text(portal);
    this.#int32(limit);
    this.#end();
  }

  closeStatement(name: string): void {
    this.#close(83, name);
  }
  closePortal(name: string): void {
    this.#close(80, name);
  }
  #close(kind: number, name: string): void {
    this.#begin(67);
    this.#byte(kind);
    this.#text(name);
    this.#end();
  }

  sync(): void {
    this.#bare(83);
  }
  flush(): void {
    this.#bare(72);
  }
  terminate(): void {
    this.#bare(88);
  }
  copyDone(): void {
    this.#bare(99);
  }

  copyData(piece: string | Uint8Array): void {
    this.#begin(100);
    this.#raw(typeof piece === 'string' ? Buffer.from(piece) : piece);
    this.#end();
  }

  copyFail(reason: string): void {
    this.#begin(102);
    this.#text(reason.replaceAll('\0', ''));
    this.#end();
  }

  /** Forgets what was written since the last `take`. */
  discard(): void {
    this.#at = this.#from;
  }

  #begin(code: number): void {
    this.#reserve(5);
    if (code !== 0) this.#slab[this.#at++] = code;
    this.#messageAt = this.#at;
    this.#at += 4;
  }

  #end(): void {
    this.#slab.writeInt32BE(this.#at - this.#messageAt, this.#messageAt);
  }

  #bare(code: number): void {
    this.#begin(code);
    this.#end();
  }

  #reserve(byteCount: number): void {
    if (this.#at + byteCount <= this.#slab.length) return;
    const pending = this.#slab.subarray(this.#from, this.#at);
    const slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, 2 * (pending.length + byteCount)));
    pending.copy(slab);
    this.#slab = slab;
    this.#messageAt -= this.#from;
    this.#at = pending.length;
    this.#from = 0;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#slab[this.#at++] = value;
  }

  #int16(value: number): void {
    this.#reserve(2);
    this.#slab[this.#at++] = value >>> 8;
    this.#slab[this.#at++] = value;
  }

  #int32(value: number): void {
    this.#reserve(4);
    this.#at = this.#slab.writeInt32BE(value, this.#at);
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#slab.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Text that ends with a zero byte. */
  #text(text: string): void {
    assertNoZero(text);
    this.#reserve(text.length * 3 + 1);
    this.#at += this.#slab.write(text, this.#at);
    this.#slab[this.#at++] = 0;
  }

  /** Text behind its length. */
  #sized(text: string): void {
    this.#reserve(text.length * 3 + 4);
    const size = this.#slab.write(text, this.#at + 4);
    this.#slab.writeInt32BE(size, this.#at);
    this.#at += 4 + size;
  }

  #parameter(value: unknown): void {
    switch (typeof value) {
      case 'string':
        assertNoZero(value);
        this.#sized(value);
        return;
      case 'number':
      case 'bigint':
        this.#sized(String(value));
        return;
      case 'boolean':
        this.#sized(value ? 't' : 'f');
        return;
      case 'undefined':
        this.#int32(-1);
        return;
      case 'object':
        this.#object(value);
        return;
      default:
        throw new TypeError(`a ${typeof value} cannot be a parameter of a statement`);
    }
  }

  #object(value: object | null): void {
    if (value === null) {
      this.#int32(-1);
    } else if (isBytes(value)) {
      this.#int32(value.length);
      this.#raw(value);
    } else {
      const text = objectText(value);
      assertNoZero(text);
      this.#sized(text);
    }
  }
}

/** PostgreSQL has no texts with it, and would take it for the end of one. */
function assertNoZero(text: string): void {
  const at = text.indexOf('\0');
  if (at < 0) return;
  throw new TypeError(
    `a text for PostgreSQL has a zero character at position ${at}: leave it out, or send a Buffer to a bytea column`,
  );
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
