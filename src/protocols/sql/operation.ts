// One statement on its way through a connection, and what came of it: the same object is the result that user code
// gets. What differs between queries, cursors and copies is in the classes below it.

import type { SqlEndpoint } from './operation-series.ts';
import type { Prepared, PreparedStatements } from './prepared-statements.ts';
import { RowBytes } from './rows.ts';
import type { SqlFailure, SqlField, SqlResult, SqlRow } from './sql.ts';
import type { Statement } from './statement.ts';
import type { MessageWriter } from './wire-writer.ts';

/** How a statement ended: answered; refused by the server or lost on the way; cut off by the end of the run. */
export type Outcome = 'pending' | 'answered' | 'failed' | 'aborted';

/** What an operation sees of the connection that sends it. */
export interface Carrier {
  readonly prepared: PreparedStatements;
  /** Sends more of the operation that has the connection now. */
  transmit(operation: Operation, write: (writer: MessageWriter) => void): boolean;
  /** Ends the connection in order; what is on it is cut off. */
  close(): unknown;
  /** Statements were sent behind the one that has the connection now. */
  readonly hasMoreBehind: boolean;
  /** Ends the connection at once: what is on it has failed of this. */
  giveUp(failure: SqlFailure): void;
  pause(): void;
  resume(): void;
  /** Resolves when what was sent has left, or the connection is gone. */
  drained(): Promise<void>;
}

/** Who is told of an operation's end. */
export interface OperationOwner {
  /** Answered or failed: `operation.outcome` says which. */
  ended(operation: Operation): void;
  /** It could not be written down: nothing was sent, and nothing counts. */
  unsendable(operation: Operation, thrown: unknown): void;
}

export interface OperationCall {
  readonly endpoint: SqlEndpoint;
  readonly owner: OperationOwner;
  /** When user code asked for it, process clock. */
  readonly startedAtMs: number;
  /** When it was due, process clock; -1 unless it opens an arrival-rate iteration. */
  readonly scheduledAtMs: number;
  readonly timeoutMs: number;
}

const noFields: readonly SqlField[] = [];

export abstract class Operation implements SqlResult<never> {
  readonly statement: Statement;
  readonly endpoint: SqlEndpoint;
  readonly owner: OperationOwner;
  startedAtMs: number;
  readonly scheduledAtMs: number;
  readonly timeoutMs: number;

  outcome: Outcome = 'pending';
  error: SqlFailure | null = null;
  rowCount = 0;
  /** Its bytes were handed to a connected socket. */
  sent = false;
  /** It waited for a connection; within a transaction only the first statement does. */
  acquires = true;
  sendStartAtMs = 0;
  /** When the server was last given something to do; a cursor has a turn for each batch. */
  turnStartAtMs = 0;
  /** A cursor that waits for user code, on a connection of its own. */
  resting = false;
  deadlineAtMs = Number.POSITIVE_INFINITY;
  endedAtMs = 0;
  /** Ms that it has waited for the server, batches of a cursor added up. */
  waitedMs = 0;
  sentByteCount = 0;
  receivedByteCount = 0;
  /** A cancel request was sent, since it took too long. */
  timedOut = false;
  /** It prepares its statement, and the server has done so. */
  prepares = false;
  hasPrepared = false;
  /** It goes by the name of its prepared statement; and it was sent again without, since the server took no such name. */
  isNamed = false;
  isSentAgain = false;
  /** It asked for what it cannot take in, whatever the server says. */
  misuse: SqlFailure | null = null;
  /** The command that was carried out, such as `INSERT 0 1`, and whether it changed rows. */
  commandTag = '';
  changes = false;
  described: Prepared | null = null;

  /** What user code waits for, and whether it is thrown a failure. */
  resolve: (result: Operation) => void = () => {};
  reject: (error: Error) => void = () => {};
  throws = false;
  /** Further attempts after a failure that is worth them. */
  retriesLeft = 0;
  attempt = 0;
  /** The connection that it is on, or its turn in the line for one. */
  carrier: Carrier | null = null;
  turn: object | null = null;

  protected readonly rowBytes = new RowBytes();
  #rows: SqlRow[] | null = null;

  constructor(
    statement: Statement,
    { endpoint, owner, startedAtMs, scheduledAtMs, timeoutMs }: OperationCall,
  ) {
    this.statement = statement;
    this.endpoint = endpoint;
    this.owner = owner;
    this.startedAtMs = startedAtMs;
    this.scheduledAtMs = scheduledAtMs;
    this.timeoutMs = timeoutMs;
  }

  /** Writes what starts it, or what goes on with it. May throw for parameters that cannot be sent. */
  abstract write(writer: MessageWriter, carrier: Carrier): void;

  get ok(): boolean {
    return this.error === null;
  }
  get fields(): readonly SqlField[] {
    return this.described?.fields ?? noFields;
  }
  get rows(): never[] {
    this.#rows ??= this.rowBytes.take(this.fields);
    return this.#rows as never[];
  }
  get duration(): number {
    return this.serviceMs;
  }

  /** Waiting for the server; of one that failed before it could be sent, its whole time. */
  get serviceMs(): number {
    return this.sent ? this.waitedMs : this.endedAtMs - this.startedAtMs;
  }

  /** From the call to the sending, which is the wait for a connection. */
  get poolWaitMs(): number {
    return (this.sent ? this.sendStartAtMs : this.endedAtMs) - this.startedAtMs;
  }

  addRow(bytes: Buffer, from: number, to: number): void {
    this.rowBytes.add(bytes, from, to);
  }
  get rowByteCount(): number {
    return this.rowBytes.byteCount;
  }

  /** Takes in the tag of the command that was carried out: its name, and in the end a count. */
  completed(tag: string): void {
    this.commandTag = tag;
    const space = tag.lastIndexOf(' ');
    const count = space < 0 ? Number.NaN : Number(tag.slice(space + 1));
    this.rowCount = Number.isNaN(count) ? 0 : count;
    this.changes = !(tag.startsWith('SELECT') || tag.startsWith('FETCH'));
  }

  /** The server is ready for more, and this operation is not over: a cursor. */
  get isSuspended(): boolean {
    return false;
  }
  /** A batch of a cursor is complete. */
  suspended(_nowMs: number): void {}
  /** A cursor that shares its transaction's connection was told the same. */
  batchComplete(): void {}
  /** Must a Sync follow, now that the server has carried it out or has failed to? Says so once. */
  takeSync(): boolean {
    return false;
  }
  /** A Sync has to follow what ends a COPY early: the one that was sent with it counts for nothing then. */
  get mustSyncAgain(): boolean {
    return true;
  }
  /** Makes it fit to be sent once more, as if it had not been. Returns false when that cannot be. */
  startOver(): boolean {
    return false;
  }
  protected forgetAnswer(): void {
    this.isSentAgain = true;
    this.error = null;
    this.prepares = false;
    this.hasPrepared = false;
    this.described = null;
  }
  /** Writes what makes the server end it, when it would wait for more. */
  abandon(_writer: MessageWriter): void {}

  /** The server awaits what is to be copied. Returns false when there is nothing. */
  copyInBegins(_carrier: Carrier): boolean {
    return false;
  }
  /** The server is going to send what it copies. Returns false when nobody takes it. */
  copyOutBegins(): boolean {
    return false;
  }
  copyOutPiece(_piece: Buffer, _carrier: Carrier): void {}
  /** Nothing more comes, whatever its end is: whoever waits for more of it need not. */
  released(): void {}

  /** Its bytes are handed over: the server has something to do. */
  beginTurn(nowMs: number): void {
    if (!this.sent) {
      this.sent = true;
      this.sendStartAtMs = nowMs;
    }
    this.resting = false;
    this.turnStartAtMs = nowMs;
    this.deadlineAtMs = nowMs + this.timeoutMs;
  }

  /** It is answered, or has failed of its `error`. */
  end(nowMs: number): void {
    this.endedAtMs = nowMs;
    this.outcome = this.error === null ? 'answered' : 'failed';
    this.released();
    this.owner.ended(this);
  }
}

/** A statement whose rows all come at once. */
export class QueryOperation extends Operation {
  readonly parameters: readonly unknown[];
  readonly #prepare: boolean;

  constructor(statement: Statement, parameters: readonly unknown[], prepare: boolean, call: OperationCall) {
    super(statement, call);
    this.parameters = parameters;
    this.#prepare = prepare;
  }

  write(writer: MessageWriter, carrier: Carrier): void {
    const name = writeStatement(this, this.#prepare, writer, carrier);
    writer.bind('', name, this.parameters);
    writer.execute('', 0);
    writer.sync();
  }

  override startOver(): boolean {
    this.forgetAnswer();
    return true;
  }

  /** The same once more, for whoever waits for this one. */
  again(): QueryOperation {
    const next = new QueryOperation(this.statement, this.parameters, this.#prepare, {
      endpoint: this.endpoint,
      owner: this.owner,
      startedAtMs: this.endedAtMs,
      scheduledAtMs: -1,
      timeoutMs: this.timeoutMs,
    });
    next.resolve = this.resolve;
    next.reject = this.reject;
    next.throws = this.throws;
    next.retriesLeft = this.retriesLeft - 1;
    next.attempt = this.attempt + 1;
    return next;
  }
}

/** Has the statement prepared, unless it is; returns the name to bind it by. */
export function writeStatement(
  operation: Operation,
  prepare: boolean,
  writer: MessageWriter,
  carrier: Carrier,
): string {
  const { statement } = operation;
  operation.isNamed = false;
  if (!prepare || !statement.plannable || operation.isSentAgain || carrier.prepared.shared) {
    operation.described = { fields: null };
    writer.parse('', statement.text);
    writer.describe('');
    return '';
  }
  operation.isNamed = true;
  const known = carrier.prepared.get(statement);
  if (known !== undefined) {
    operation.described = known;
    return statement.serverName;
  }
  operation.prepares = true;
  operation.described = carrier.prepared.add(statement, writer);
  writer.parse(statement.serverName, statement.text);
  writer.describe(statement.serverName);
  return statement.serverName;
}
