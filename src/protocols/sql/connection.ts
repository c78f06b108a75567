// One connection to the database: a socket, the statements on their way over it, and the protocol between both.

import type { SqlFailure } from '../../model/sql.ts';
import { monotonicMs } from '../../time/clock.ts';
import { Authentication } from './authentication.ts';
import { type DialEvents, Dialed, requestCancel } from './dial.ts';
import { failureOf, readServerError } from './failure.ts';
import type { ConnectionHost, Watched } from './host.ts';
import type { Carrier, Operation, Prepared } from './operation.ts';
import { readFields } from './rows.ts';
import type { Statement } from './statement.ts';
import { MessageReader } from './wire-reader.ts';
import type { MessageWriter } from './wire-writer.ts';

/** Who a connection belongs to for the time being. */
export interface ConnectionHolder {
  /** Logged in for the first time. */
  connected(connection: Connection): void;
  /** It could not be made. */
  refused(connection: Connection, failure: SqlFailure): void;
  /** All that was sent is answered. */
  freed(connection: Connection): void;
  /** It is gone, or about to be; what was on its way has failed before. */
  lost(connection: Connection): void;
}

type State = 'connecting' | 'ready' | 'lingering' | 'closed';

/** What a socket's writer calls a chunk that is no text; the types know text encodings only. */
const bytesAsTheyAre = 'buffer' as BufferEncoding;
/** Statements that a connection keeps prepared; the oldest makes room. */
const mostPrepared = 256;
const mostResultBytes = 256 * 1024 * 1024;
/** Of a statement that was cut off: how long it may finish by itself, and how long its socket lives at the most. */
const lingerCancelMs = 250;
const lingerMs = 1000;
/** How long a statement that was told to end may take to do so before its connection is given up. */
const cancelGraceMs = 1000;

export class Connection implements Carrier, DialEvents, Watched {
  holder: ConnectionHolder;
  /** Of the opening; complete once connected. */
  connectMs = 0;
  sentByteCount = 0;
  receivedByteCount = 0;

  readonly #host: ConnectionHost;
  readonly #dialed: Dialed;
  readonly #reader: MessageReader;
  #state: State = 'connecting';
  #authentication: Authentication | null = null;
  /** The statement whose answer comes next, and those sent behind it. */
  #head: Operation | null = null;
  #others: Operation[] = [];
  readonly #prepared = new Map<Statement, Prepared>();
  /** Names to be given up with the next bytes. */
  #obsolete: string[] = [];
  #processId = 0;
  #key: Buffer = Buffer.alloc(0);
  /** What the server said before it closed the session. */
  #farewell: SqlFailure | null = null;
  /** A cancel request is under way: it must not meet the next statement. */
  #cancelling = false;
  #cancelledAtMs = 0;
  /** Answers still to come of statements that were cut off. */
  #lingeringCount = 0;
  #lingerUntilMs = 0;
  #lingerCancelled = false;
  readonly #onDrained: (() => void)[] = [];
  #hasToldEnd = false;

  constructor(host: ConnectionHost, holder: ConnectionHolder) {
    this.#host = host;
    this.holder = holder;
    this.#reader = new MessageReader(
      (type, bytes, from, to) => this.#message(type, bytes, from, to),
      mostResultBytes,
    );
    this.#dialed = new Dialed(host.dialing, this);
    host.opened(this);
  }

  get usable(): boolean {
    return this.#state === 'ready';
  }
  get closed(): boolean {
    return this.#state === 'closed';
  }
  get busy(): boolean {
    return this.#head !== null || this.#cancelling;
  }

  dialed(): void {
    const { settings } = this.#host;
    this.#authentication = new Authentication(this.#host.dialing.database.user, settings.password, {
      send: (write) => {
        if (this.#state !== 'connecting') return;
        this.sentByteCount += this.#write(write);
      },
      refused: (code, message) => this.refused(code, message),
    });
    this.sentByteCount += this.#write((writer) => writer.startup(settings.parameters));
  }

  /** Sends a statement, or what goes on with a cursor; it is `nowMs`. Several may be on their way. */
  send(operation: Operation, nowMs: number): void {
    const { writer } = this.#host;
    try {
      for (const name of this.#obsolete) writer.closeStatement(name);
      operation.write(writer, this);
    } catch (thrown) {
      writer.discard();
      if (operation.prepares) this.#prepared.delete(operation.statement);
      operation.owner.unsendable(operation, thrown);
      if (this.#head === null) this.holder.freed(this);
      return;
    }
    this.#obsolete = noNames;
    if (!operation.sent) {
      operation.sent = true;
      operation.sendStartAtMs = nowMs;
    }
    operation.carrier = this;
    operation.turnStartAtMs = nowMs;
    operation.deadlineAtMs = nowMs + operation.timeoutMs;
    if (this.#head === null) this.#head = operation;
    else this.#others.push(operation);
    operation.sentByteCount += this.#flush();
  }

  transmit(operation: Operation, write: (writer: MessageWriter) => void): boolean {
    if (this.#head !== operation || this.#state !== 'ready') return false;
    if (operation.resting) {
      operation.resting = false;
      operation.turnStartAtMs = monotonicMs();
      operation.deadlineAtMs = operation.turnStartAtMs + operation.timeoutMs;
    }
    operation.sentByteCount += this.#write(write);
    return true;
  }

  #write(write: (writer: MessageWriter) => void): number {
    write(this.#host.writer);
    return this.#flush();
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error) this.#dialed.socket.destroy(error);
  };

  #flush(): number {
    const bytes = this.#host.writer.take();
    const { socket } = this.#dialed;
    // Straight to the socket's own writer, as for HTTP, unless something stands in its queue, or TLS is between.
    if (this.#host.dialing.tls === null && socket.writableLength === 0 && this.#state === 'ready') {
      this.#writeDirectly(bytes);
    } else {
      socket.write(bytes, this.#onWritten);
    }
    return bytes.length;
  }

  #writing = false;
  readonly #onWrittenDirectly = (error?: Error | null): void => {
    this.#writing = false;
    if (error) this.#dialed.socket.destroy(error);
    else if (this.#backlog.length > 0) this.#writeDirectly(Buffer.concat(this.#backlog.splice(0)));
    if (!this.#writing) for (const wake of this.#onDrained.splice(0)) wake();
  };
  readonly #backlog: Buffer[] = [];

  /** The writer takes one write at a time; what comes meanwhile is sent behind it. */
  #writeDirectly(bytes: Buffer): void {
    if (this.#writing) {
      this.#backlog.push(bytes);
      return;
    }
    this.#writing = true;
    this.#dialed.socket._write(bytes, bytesAsTheyAre, this.#onWrittenDirectly);
  }

  drained(): Promise<void> {
    const { socket } = this.#dialed;
    if (this.#state !== 'ready' || (!this.#writing && !socket.writableNeedDrain)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained.push(resolve);
      if (!this.#writing) socket.once('drain', resolve);
    });
  }

  pause(): void {
    this.#dialed.socket.pause();
  }
  resume(): void {
    if (this.#state !== 'closed') this.#dialed.socket.resume();
  }

  prepared(statement: Statement): Prepared | undefined {
    return this.#prepared.get(statement);
  }

  preparing(statement: Statement, writer: MessageWriter): Prepared {
    if (this.#prepared.size >= mostPrepared) {
      const [oldest] = this.#prepared.keys();
      this.#prepared.delete(oldest!);
      writer.closeStatement(oldest!.serverName);
    }
    const prepared: Prepared = { fields: null };
    this.#prepared.set(statement, prepared);
    return prepared;
  }

  received(bytes: Buffer, size: number): void {
    if (this.#state === 'closed') return;
    if (!this.#reader.read(bytes, size)) {
      this.#fail(failureOf('protocol_error', 'the server sent what is no message of its protocol'));
    }
  }

  #message(type: number, bytes: Buffer, from: number, to: number): void {
    if (this.#state === 'lingering') {
      if (type === 90) this.#lingered();
      return;
    }
    const operation = this.#head;
    if (operation === null) {
      this.#sessionMessage(type, bytes, from, to);
      return;
    }
    operation.receivedByteCount += to - from + 5;
    switch (type) {
      case 68: // DataRow
        operation.addRow(bytes, from, to);
        if (operation.rowByteCount > mostResultBytes) {
          this.#fail(failureOf('result_too_large', 'the rows of a result take more than 256 MB'));
        }
        break;
      case 67: // CommandComplete
        operation.completed(bytes.toString('latin1', from, to - 1));
        if (operation.takeSync()) this.transmit(operation, sync);
        break;
      case 90: // ReadyForQuery
        this.#ready(operation);
        break;
      case 69: // ErrorResponse
        this.#refuse(operation, bytes, from, to);
        break;
      case 84: // RowDescription
        if (operation.described === null) operation.described = { fields: null };
        operation.described.fields = readFields(bytes, from);
        break;
      case 49: // ParseComplete
        operation.hasPrepared = true;
        break;
      case 115: // PortalSuspended
        operation.suspended(monotonicMs());
        break;
      case 71: // CopyInResponse
        operation.copyInBegins(this);
        break;
      case 100: // CopyData
        operation.copyOutPiece(Buffer.from(bytes.subarray(from, to)), this);
        break;
    }
  }

  /** A statement is over, or a cursor waits for its next batch. */
  #ready(operation: Operation): void {
    const nowMs = monotonicMs();
    operation.waitedMs += nowMs - operation.turnStartAtMs;
    const next = this.#others.shift() ?? null;
    this.#head = next;
    if (next !== null) next.deadlineAtMs = nowMs + next.timeoutMs;
    if (operation.isSuspended && operation.error === null) {
      operation.batchComplete();
    } else {
      if (operation.prepares && !operation.hasPrepared) this.#prepared.delete(operation.statement);
      if (operation.error !== null) this.#forgetStale(operation);
      operation.endedAtMs = nowMs;
      operation.outcome = operation.error === null ? 'answered' : 'failed';
      operation.released();
      operation.owner.ended(operation);
    }
    if (this.#head === null && !this.#cancelling && this.#state === 'ready') this.holder.freed(this);
  }

  #refuse(operation: Operation, bytes: Buffer, from: number, to: number): void {
    const { failure, fatal } = readServerError(bytes, from, to);
    if (fatal) {
      // The session is over; the socket's end, which follows, fails what is on its way.
      this.#farewell = failure;
      return;
    }
    operation.error = this.#explain(operation, failure);
    if (operation.takeSync()) this.transmit(operation, sync);
  }

  /** A statement that was cancelled because it took too long has not been cancelled by somebody. */
  #explain(operation: Operation, failure: SqlFailure): SqlFailure {
    if (failure.code !== '57014') return failure;
    const isLimit = operation.timedOut || /statement timeout/.test(failure.message);
    return isLimit ? { ...failure, class: 'timeout' } : failure;
  }

  /** What is prepared no longer fits, as after a change of a table, or is not there, as after DISCARD ALL. */
  #forgetStale(operation: Operation): void {
    const code = operation.error!.code;
    if (code !== '0A000' && code !== '26000') return;
    if (this.#prepared.delete(operation.statement)) {
      this.#obsolete = [...this.#obsolete, operation.statement.serverName];
    }
  }

  #sessionMessage(type: number, bytes: Buffer, from: number, to: number): void {
    if (this.#state === 'connecting') this.receivedByteCount += to - from + 5;
    switch (type) {
      case 82: // Authentication
        this.#authentication?.message(bytes, from, to);
        break;
      case 75: // BackendKeyData
        this.#processId = bytes.readInt32BE(from);
        this.#key = Buffer.from(bytes.subarray(from + 4, to));
        break;
      case 90: // ReadyForQuery
        if (this.#state !== 'connecting') break;
        this.#state = 'ready';
        this.connectMs = monotonicMs() - this.#dialed.startedAtMs;
        this.holder.connected(this);
        break;
      case 69: // ErrorResponse
        this.#farewell = readServerError(bytes, from, to).failure;
        if (this.#state === 'connecting') this.#fail(this.#farewell);
        break;
    }
  }

  refused(code: string, message: string): void {
    this.#fail(failureOf(code, message));
  }

  socketClosed(error: NodeJS.ErrnoException | null): void {
    const { place } = this.#host.settings;
    const code = error?.code ?? 'connection_closed';
    const failure = failureOf(code, `${place}: ${error?.message ?? 'the server closed the connection'}`);
    this.#fail(this.#farewell ?? failure);
    this.#tellLost();
    this.#host.closed(this);
  }

  /** Ends the connection, and with it what is on its way. */
  #fail(failure: SqlFailure): void {
    if (this.#state === 'closed') return;
    const before = this.#state;
    const cutOff = this.#takeAll();
    this.#destroy();
    if (before === 'connecting') {
      this.#hasToldEnd = true;
      this.holder.refused(this, failure);
    }
    if (before !== 'ready') return;
    const nowMs = monotonicMs();
    for (const operation of cutOff) {
      if (!operation.resting) operation.waitedMs += nowMs - operation.turnStartAtMs;
      operation.endedAtMs = nowMs;
      operation.error = operation.timedOut ? timeoutOf(operation) : this.#withClass(failure);
      operation.outcome = 'failed';
      operation.released();
      operation.owner.ended(operation);
    }
    this.#tellLost();
  }

  #tellLost(): void {
    if (this.#hasToldEnd) return;
    this.#hasToldEnd = true;
    this.holder.lost(this);
  }

  /** Whatever the server said when it ended the session, to a statement on its way it is a lost connection. */
  #withClass(failure: SqlFailure): SqlFailure {
    return failure.class === 'other' && failure.code !== 'result_too_large'
      ? { ...failure, class: 'connection' }
      : failure;
  }

  #takeAll(): Operation[] {
    const all = this.#head === null ? [] : [this.#head, ...this.#others];
    this.#head = null;
    this.#others = [];
    return all;
  }

  #destroy(): void {
    this.#state = 'closed';
    this.#reader.stopped = true;
    this.#dialed.socket.destroy();
    for (const wake of this.#onDrained.splice(0)) wake();
  }

  /** Called about forty times a second: ends what has taken too long. */
  sweep(nowMs: number): void {
    if (this.#state === 'connecting') {
      const { connectTimeoutMs } = this.#host.settings;
      if (nowMs - this.#dialed.startedAtMs < connectTimeoutMs) return;
      this.#fail(failureOf('connect_timeout', `no session within ${connectTimeoutMs} ms`));
    } else if (this.#state === 'lingering') {
      this.#sweepLingering(nowMs);
    } else if (this.#head !== null && nowMs >= this.#head.deadlineAtMs) {
      this.#endLate(this.#head, nowMs);
    }
  }

  #endLate(operation: Operation, nowMs: number): void {
    if (!operation.timedOut) {
      operation.timedOut = true;
      this.#cancelledAtMs = nowMs;
      this.#cancel();
    } else if (nowMs - this.#cancelledAtMs >= cancelGraceMs) {
      this.#fail(timeoutOf(operation));
    }
  }

  #cancel(): void {
    if (this.#cancelling) return;
    this.#cancelling = true;
    void requestCancel(this.#host.dialing.database, this.#processId, this.#key).then(() => {
      this.#cancelling = false;
      if (this.#head === null && this.#state === 'ready') this.holder.freed(this);
    });
  }

  /**
   * Ends the connection in order: at once when nothing is on its way, else when the server has answered, within a
   * second; what takes longer than a quarter of it is cancelled. Returns the statements that are cut off.
   */
  close(): Operation[] {
    if (this.#state === 'lingering' || this.#state === 'closed') return [];
    const cutOff = this.#takeAll();
    if (this.#state === 'connecting') {
      this.#destroy();
      return cutOff;
    }
    this.#lingerUntilMs = monotonicMs() + lingerMs;
    this.#lingeringCount = cutOff.length;
    for (const operation of cutOff) {
      // Whoever waits for more of it, or for the rest of it, is told that there is none.
      operation.abandon(this.#host.writer);
      operation.released();
    }
    this.resume();
    if (cutOff.length === 0) this.#host.writer.terminate();
    this.#flush();
    this.#state = 'lingering';
    if (cutOff.length === 0) this.#dialed.socket.end();
    return cutOff;
  }

  #lingered(): void {
    this.#lingeringCount--;
    if (this.#lingeringCount === 0) this.#terminate();
  }

  #terminate(): void {
    this.#host.writer.terminate();
    this.#dialed.socket.end(this.#host.writer.take());
  }

  #sweepLingering(nowMs: number): void {
    if (nowMs >= this.#lingerUntilMs) {
      this.#destroy();
    } else if (
      this.#lingeringCount > 0 &&
      !this.#lingerCancelled &&
      nowMs >= this.#lingerUntilMs - lingerMs + lingerCancelMs
    ) {
      this.#lingerCancelled = true;
      this.#cancel();
    }
  }
}

const noNames: string[] = [];
const sync = (writer: MessageWriter): void => writer.sync();

function timeoutOf({ timeoutMs }: Operation): SqlFailure {
  return failureOf('timeout', `no complete answer within ${timeoutMs} ms, nor after it was cancelled`);
}
