// The operations on their way over one connection, in the order in which the server answers them. Made by connection.ts.

import type { Operation } from './operation.ts';

export class OperationLine {
  /** The one whose answer comes next. */
  head: Operation | null = null;
  #others: Operation[] = [];

  get hasMoreBehind(): boolean {
    return this.#others.length > 0;
  }

  add(operation: Operation): void {
    if (this.head === null) this.head = operation;
    else this.#others.push(operation);
  }

  /** The first is answered; the server turns to the next one, whose time begins now. */
  shift(nowMs: number): void {
    const next = this.#others.shift() ?? null;
    this.head = next;
    if (next !== null) next.deadlineAtMs = nowMs + next.timeoutMs;
  }

  /** All of them; none is left. */
  takeAll(): Operation[] {
    const all = this.head === null ? [] : [this.head, ...this.#others];
    this.head = null;
    this.#others = [];
    return all;
  }
}
