// A result fetched in batches. Outside of a transaction it keeps its connection from the first batch to the last; within
// one, other statements may go between the batches. Called by runner.ts.

import { type Carrier, Operation, type OperationCall, writeStatement } from './operation.ts';
import type { SqlRow } from './sql.ts';
import type { Statement } from './statement.ts';
import type { MessageWriter } from './wire-writer.ts';

let portalCount = 0;

export class CursorOperation extends Operation {
  readonly #parameters: readonly unknown[];
  readonly #batchSize: number;
  /** The connection serves nothing else until the end. */
  readonly #holds: boolean;
  readonly #prepare: boolean;
  readonly #portal = `plimsoll_c${portalCount++}`;
  #state: 'new' | 'running' | 'suspended' | 'closing' | 'over' = 'new';
  #hasSynced = false;
  #rowTotal = 0;
  #wake: (() => void) | null = null;

  constructor(
    statement: Statement,
    parameters: readonly unknown[],
    batchSize: number,
    { holds, prepare }: { readonly holds: boolean; readonly prepare: boolean },
    call: OperationCall,
  ) {
    super(statement, call);
    this.#parameters = parameters;
    this.#batchSize = batchSize;
    this.#holds = holds;
    this.#prepare = prepare;
  }

  write(writer: MessageWriter, carrier: Carrier): void {
    if (this.#state === 'closing') {
      writer.closePortal(this.#portal);
      this.#hasSynced = true;
      writer.sync();
      return;
    }
    if (this.#state === 'new') {
      const name = writeStatement(this, this.#prepare, writer, carrier);
      writer.bind(this.#portal, name, this.#parameters);
    }
    this.#state = 'running';
    writer.execute(this.#portal, this.#batchSize);
    if (this.#holds) writer.flush();
    else writer.sync();
  }

  override get isSuspended(): boolean {
    return this.#state === 'suspended';
  }

  override suspended(nowMs: number): void {
    this.#state = 'suspended';
    if (!this.#holds) return;
    this.waitedMs += nowMs - this.turnStartAtMs;
    this.resting = true;
    this.deadlineAtMs = Number.POSITIVE_INFINITY;
    this.#settle();
  }

  override batchComplete(): void {
    this.#settle();
  }

  override takeSync(): boolean {
    if (!this.#holds || this.#hasSynced) return false;
    this.#hasSynced = true;
    return true;
  }

  override get mustSyncAgain(): boolean {
    return !this.#holds;
  }

  override startOver(): boolean {
    if (this.#state !== 'running' || this.#rowTotal > 0) return false;
    this.#state = 'new';
    this.#hasSynced = false;
    this.forgetAnswer();
    return true;
  }

  override abandon(writer: MessageWriter): void {
    if (this.takeSync()) writer.sync();
  }

  override addRow(bytes: Buffer, from: number, to: number): void {
    super.addRow(bytes, from, to);
    this.#rowTotal++;
    this.rowCount = this.#rowTotal;
  }

  override completed(tag: string): void {
    super.completed(tag);
    // The server counts the rows of the last batch.
    this.rowCount = this.#rowTotal;
  }

  override released(): void {
    this.#state = 'over';
    this.#settle();
  }

  #settle(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /** Resolves when a batch is there, or the end. */
  turned(): Promise<void> {
    if (this.#state === 'suspended' || this.#state === 'over') return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** The next turn closes it. */
  close(): void {
    this.#state = 'closing';
  }

  /** The rows that have come since the last call. */
  takeRows(): SqlRow[] {
    return this.rowBytes.take(this.fields);
  }
}
