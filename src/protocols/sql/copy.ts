// COPY in both directions, as a stream. Called by runner.ts.

import { messageOf } from '../../model/errors.ts';
import { type Carrier, Operation, type OperationCall } from './operation.ts';
import type { SqlCopySource } from './sql.ts';
import type { Statement } from './statement.ts';
import type { MessageWriter } from './wire-writer.ts';

/** Pieces are sent together up to this size: a source may give a line at a time. */
const portionBytes = 64 * 1024;

export class CopyInOperation extends Operation {
  readonly #source: SqlCopySource;
  #isOver = false;
  #hasBegun = false;
  /** What the source threw. */
  thrown: unknown = undefined;

  constructor(statement: Statement, source: SqlCopySource, call: OperationCall) {
    super(statement, call);
    this.#source = source;
    this.changes = true;
  }

  write(writer: MessageWriter): void {
    writer.query(this.statement.text);
  }

  override copyInBegins(carrier: Carrier): boolean {
    // A text of several statements may copy a second time; the source is used up then.
    if (this.#hasBegun) return false;
    this.#hasBegun = true;
    void this.#pump(carrier);
    return true;
  }
  override get mustSyncAgain(): boolean {
    return false;
  }

  async #pump(carrier: Carrier): Promise<void> {
    try {
      let portion: Buffer[] = [];
      let size = 0;
      for await (const piece of piecesOf(this.#source)) {
        const bytes = Buffer.from(piece as Uint8Array);
        portion.push(bytes);
        size += bytes.length;
        if (size < portionBytes) continue;
        await this.#send(carrier, portion);
        portion = [];
        size = 0;
        if (this.#isOver) return;
      }
      if (size > 0) await this.#send(carrier, portion);
      if (!this.#isOver) carrier.transmit(this, (writer) => writer.copyDone());
    } catch (thrown) {
      this.thrown = thrown;
      if (!this.#isOver) carrier.transmit(this, (writer) => writer.copyFail(messageOf(thrown)));
    }
  }

  #send(carrier: Carrier, portion: readonly Buffer[]): Promise<void> {
    if (!this.#isOver) carrier.transmit(this, (writer) => writer.copyData(Buffer.concat(portion)));
    return carrier.drained();
  }

  override abandon(writer: MessageWriter): void {
    writer.copyFail('cut off');
  }
  override released(): void {
    this.#isOver = true;
  }
}

function piecesOf(source: SqlCopySource): Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array> {
  return typeof source === 'string' || source instanceof Uint8Array ? [source] : source;
}

export class CopyOutOperation extends Operation {
  readonly #sink: (piece: Buffer) => unknown;
  #waitingCount = 0;
  /** Resolves when the sink has taken in all pieces so far. */
  taken: Promise<void> = Promise.resolve();
  /** What the sink threw. */
  thrown: unknown = undefined;

  constructor(statement: Statement, sink: (piece: Buffer) => unknown, call: OperationCall) {
    super(statement, call);
    this.#sink = sink;
  }

  write(writer: MessageWriter): void {
    writer.query(this.statement.text);
  }

  override completed(tag: string): void {
    super.completed(tag);
    this.changes = false;
  }

  override copyOutBegins(): boolean {
    return true;
  }
  override get mustSyncAgain(): boolean {
    return false;
  }

  override copyOutPiece(piece: Buffer, carrier: Carrier): void {
    if (this.thrown !== undefined) return;
    if (this.#waitingCount === 0) {
      this.#give(piece, carrier);
      return;
    }
    this.#waitingCount++;
    this.taken = this.taken.then(async () => {
      await this.#call(piece);
      this.#takenOne(carrier);
    });
  }

  #give(piece: Buffer, carrier: Carrier): void {
    const pending = this.#call(piece);
    if (pending === undefined) return;
    this.#waitingCount++;
    carrier.pause();
    this.taken = pending.then(() => this.#takenOne(carrier));
  }

  #takenOne(carrier: Carrier): void {
    this.#waitingCount--;
    if (this.#waitingCount === 0) carrier.resume();
  }

  /** What goes wrong in the sink ends the copying for it, not for the server. */
  #call(piece: Buffer): Promise<void> | undefined {
    if (this.thrown !== undefined) return undefined;
    const fail = (thrown: unknown): void => {
      this.thrown = thrown;
    };
    try {
      const result = this.#sink(piece);
      return result instanceof Promise ? result.then(() => {}, fail) : undefined;
    } catch (thrown) {
      fail(thrown);
      return undefined;
    }
  }
}
