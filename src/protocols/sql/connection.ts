// One connection to the database: a socket, the statements on their way over it, and the protocol between both.

import { monotonicMs } from '../../time/clock.ts';
import { Authentication } from './authentication.ts';
import { Canceller } from './canceller.ts';
import {
  explain,
  explainRefusal,
  failureOfSocket,
  isPreparingTrouble,
  lostBy,
  timeoutOf,
} from './connection-failure.ts';
import { type DialEvents, Dialed } from './dial.ts';
import { failureOf, readServerError } from './failure.ts';
import type { ConnectionHost, Watched } from './host.ts';
import { Lingering } from './lingering.ts';
import type { Carrier, Operation } from './operation.ts';
import { OperationLine } from './operation-line.ts';
import { tellOperation } from './operation-messages.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { SocketWriter } from './socket-writer.ts';
import type { SqlFailure } from './sql.ts';
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

const mostResultBytes = 256 * 1024 * 1024;
const tooLarge = failureOf('result_too_large', 'the rows of a result take more than 256 MB');
const noProtocol = failureOf('protocol_error', 'the server sent an invalid message');

export class Connection implements Carrier, DialEvents, Watched {
  holder: ConnectionHolder;
  /** Of the opening; complete once connected. */
  connectMs = 0;
  sentByteCount = 0;
  receivedByteCount = 0;
  /** After the last answer: a transaction is open, or has failed and is not ended. */
  inTransaction = false;
  readonly prepared = new PreparedStatements();

  readonly #host: ConnectionHost;
  readonly #dialed: Dialed;
  readonly #socketWriter: SocketWriter;
  readonly #reader: MessageReader;
  #state: State = 'connecting';
  #authentication: Authentication | null = null;
  readonly #line = new OperationLine();
  readonly #canceller: Canceller;
  /** What the server said before it closed the session. */
  #farewell: SqlFailure | null = null;
  #lingering: Lingering | null = null;
  #hasToldEnd = false;

  constructor(host: ConnectionHost, holder: ConnectionHolder) {
    this.#host = host;
    this.holder = holder;
    this.#reader = new MessageReader(
      (type, bytes, from, to) => this.#message(type, bytes, from, to),
      mostResultBytes,
    );
    this.#dialed = new Dialed(host.dialing, this);
    this.#socketWriter = new SocketWriter(this.#dialed, host.dialing.tls === null);
    this.#canceller = new Canceller(host.dialing, () => {
      if (this.#line.head === null && this.#state === 'ready') this.holder.freed(this);
    });
    host.opened(this);
  }

  get usable(): boolean {
    return this.#state === 'ready';
  }
  get processId(): number {
    return this.#canceller.processId;
  }
  get hasMoreBehind(): boolean {
    return this.#line.hasMoreBehind;
  }
  get busy(): boolean {
    return this.#line.head !== null || this.#canceller.underWay;
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
      this.prepared.writeObsolete(writer);
      operation.write(writer, this);
    } catch (thrown) {
      writer.discard();
      if (operation.prepares) this.prepared.delete(operation.statement);
      operation.owner.unsendable(operation, thrown);
      if (this.#line.head === null) this.holder.freed(this);
      return;
    }
    this.prepared.obsoleteWritten();
    operation.carrier = this;
    operation.beginTurn(nowMs);
    this.#line.add(operation);
    operation.sentByteCount += this.#flush();
  }

  transmit(operation: Operation, write: (writer: MessageWriter) => void): boolean {
    if (this.#line.head !== operation || this.#state !== 'ready') return false;
    if (operation.resting) operation.beginTurn(monotonicMs());
    operation.sentByteCount += this.#write(write);
    return true;
  }

  #write(write: (writer: MessageWriter) => void): number {
    write(this.#host.writer);
    return this.#flush();
  }

  #flush(): number {
    const bytes = this.#host.writer.take();
    this.#socketWriter.write(bytes);
    return bytes.length;
  }

  drained(): Promise<void> {
    return this.#socketWriter.drained();
  }

  pause(): void {
    this.#dialed.socket.pause();
  }
  resume(): void {
    if (this.#state !== 'closed') this.#dialed.socket.resume();
  }

  received(bytes: Buffer, size: number): void {
    if (this.#state === 'closed') return;
    if (!this.#reader.read(bytes, size)) this.#fail(this.#reader.isTooLarge ? tooLarge : noProtocol);
  }

  #message(type: number, bytes: Buffer, from: number, to: number): void {
    if (this.#state === 'lingering') {
      if (type === 90 && this.#lingering?.answered()) this.#terminate();
      return;
    }
    const operation = this.#line.head;
    if (operation === null) {
      this.#sessionMessage(type, bytes, from, to);
      return;
    }
    operation.receivedByteCount += to - from + 5;
    switch (type) {
      case 68: // DataRow
        operation.addRow(bytes, from, to);
        if (operation.rowByteCount > mostResultBytes) {
          this.#fail(tooLarge);
        }
        break;
      case 90: // ReadyForQuery
        this.inTransaction = bytes[from] !== 73;
        this.#ready(operation);
        break;
      case 69: // ErrorResponse
        this.#refuse(operation, bytes, from, to);
        break;
      default:
        tellOperation(operation, this, type, bytes, from, to);
    }
  }

  /** A statement is over, or a cursor waits for its next batch. */
  #ready(operation: Operation): void {
    const nowMs = monotonicMs();
    operation.waitedMs += nowMs - operation.turnStartAtMs;
    operation.error = operation.misuse ?? operation.error;
    if (operation.error !== null && this.#sendAgain(operation, operation.error, nowMs)) return;
    this.#line.shift(nowMs);
    if (operation.isSuspended && operation.error === null) {
      operation.batchComplete();
    } else {
      if (operation.prepares && !operation.hasPrepared) this.prepared.delete(operation.statement);
      if (operation.error !== null) this.prepared.forgetStale(operation.statement, operation.error.code);
      operation.end(nowMs);
    }
    if (this.#line.head === null && !this.#canceller.underWay && this.#state === 'ready')
      this.holder.freed(this);
  }

  /** A name or a plan that the server did not take is no failure of the statement: it goes once more, without one. */
  #sendAgain(operation: Operation, error: SqlFailure, nowMs: number): boolean {
    if (!isPreparingTrouble(operation, error)) return false;
    const { deadlineAtMs } = operation;
    this.prepared.forgetStale(operation.statement, error.code);
    // In a transaction the server takes nothing but its end; behind others the order would be another.
    if (this.inTransaction || this.hasMoreBehind || operation.timedOut || !operation.startOver())
      return false;
    operation.write(this.#host.writer, this);
    operation.beginTurn(nowMs);
    operation.deadlineAtMs = deadlineAtMs;
    operation.sentByteCount += this.#flush();
    return true;
  }

  #refuse(operation: Operation, bytes: Buffer, from: number, to: number): void {
    const { failure, fatal } = readServerError(bytes, from, to);
    if (fatal) {
      // The session is over; the socket's end, which follows, fails what is on its way.
      this.#farewell = failure;
    }
    operation.error = explain(operation, failure);
    if (operation.takeSync()) this.transmit(operation, (writer) => writer.sync());
  }

  #sessionMessage(type: number, bytes: Buffer, from: number, to: number): void {
    if (this.#state === 'connecting') this.receivedByteCount += to - from + 5;
    switch (type) {
      case 82: // Authentication
        this.#authentication?.message(bytes, from, to);
        break;
      case 75: // BackendKeyData
        this.#canceller.keyData(bytes, from, to);
        break;
      case 90: // ReadyForQuery
        if (this.#state !== 'connecting') break;
        this.#state = 'ready';
        this.#socketWriter.ready = true;
        this.connectMs = monotonicMs() - this.#dialed.startedAtMs;
        this.holder.connected(this);
        break;
      case 69: // ErrorResponse
        this.#farewell = explainRefusal(readServerError(bytes, from, to).failure);
        if (this.#state === 'connecting') this.#fail(this.#farewell);
        break;
    }
  }

  refused(code: string, message: string): void {
    this.#fail(failureOf(code, `${this.#host.settings.place}: ${message}`));
  }

  socketClosed(error: NodeJS.ErrnoException | null): void {
    this.#fail(this.#farewell ?? failureOfSocket(error, this.#host));
    this.#tellLost();
    this.#host.closed(this);
  }

  giveUp(failure: SqlFailure): void {
    this.#fail(failure);
  }

  /** Ends the connection, and with it what is on its way. */
  #fail(failure: SqlFailure): void {
    if (this.#state === 'closed') return;
    const before = this.#state;
    const cutOff = this.#line.takeAll();
    this.#destroy();
    if (before === 'connecting') {
      this.#hasToldEnd = true;
      this.holder.refused(this, failure);
    }
    if (before !== 'ready') return;
    const nowMs = monotonicMs();
    for (const operation of cutOff) {
      if (!operation.resting) operation.waitedMs += nowMs - operation.turnStartAtMs;
      operation.error = operation.timedOut ? timeoutOf(operation) : lostBy(failure);
      operation.end(nowMs);
    }
    this.#tellLost();
  }

  #tellLost(): void {
    if (this.#hasToldEnd) return;
    this.#hasToldEnd = true;
    this.holder.lost(this);
  }

  #destroy(): void {
    this.#state = 'closed';
    this.#reader.stopped = true;
    this.#dialed.socket.destroy();
    this.#socketWriter.end();
  }

  /** Called about forty times a second: ends what has taken too long. */
  sweep(nowMs: number): void {
    if (this.#state === 'connecting') {
      const { connectTimeoutMs } = this.#host.settings;
      if (nowMs - this.#dialed.startedAtMs < connectTimeoutMs) return;
      this.#fail(failureOf('connect_timeout', `no session within ${connectTimeoutMs} ms`));
    } else if (this.#state === 'lingering') {
      const due = this.#lingering?.due(nowMs);
      if (due === 'destroy') this.#destroy();
      else if (due === 'cancel') this.#canceller.cancel();
    } else if (this.#line.head !== null && nowMs >= this.#line.head.deadlineAtMs) {
      if (this.#canceller.endLate(this.#line.head, nowMs)) this.#fail(timeoutOf(this.#line.head));
    }
  }

  /**
   * Ends the connection in order: at once when nothing is on its way, else when the server has answered, within a
   * second; what takes longer than a quarter of it is cancelled. Returns the statements that are cut off.
   */
  close(): Operation[] {
    if (this.#state === 'lingering' || this.#state === 'closed') return [];
    const cutOff = this.#line.takeAll();
    if (this.#state === 'connecting') {
      this.#destroy();
      return cutOff;
    }
    this.#lingering = new Lingering(cutOff.length, monotonicMs());
    for (const operation of cutOff) {
      // Whoever waits for more of it, or for the rest of it, is told that there is none.
      operation.abandon(this.#host.writer);
      operation.released();
    }
    this.resume();
    if (cutOff.length === 0) this.#host.writer.terminate();
    this.#flush();
    this.#state = 'lingering';
    this.#socketWriter.ready = false;
    if (cutOff.length === 0) this.#dialed.socket.end();
    return cutOff;
  }

  #terminate(): void {
    this.#host.writer.terminate();
    this.#dialed.socket.end(this.#host.writer.take());
  }
}
