// The statements that one connection keeps prepared on the server. Made by connection.ts.

import type { SqlField } from './sql.ts';
import type { Statement } from './statement.ts';
import type { MessageWriter } from './wire-writer.ts';

/** So many are kept; the oldest makes room. */
const mostPrepared = 256;
const noNames: readonly string[] = [];

/** What a connection knows of a statement that it has prepared; the columns are `null` until the server names them. */
export interface Prepared {
  fields: readonly SqlField[] | null;
}

export class PreparedStatements {
  /** Others give names to the same session, so that none can be relied on: statements go without. */
  shared = false;
  readonly #kept = new Map<Statement, Prepared>();
  /** Names that the server still knows, to be given up with the next bytes. */
  #obsolete = noNames;

  get(statement: Statement): Prepared | undefined {
    return this.#kept.get(statement);
  }

  /** It is being prepared with the bytes now written. */
  add(statement: Statement, writer: MessageWriter): Prepared {
    if (this.#kept.size >= mostPrepared) {
      const [oldest] = this.#kept.keys();
      this.#kept.delete(oldest!);
      writer.closeStatement(oldest!.serverName);
    }
    const prepared: Prepared = { fields: null };
    this.#kept.set(statement, prepared);
    return prepared;
  }

  /** The server has not prepared it. */
  delete(statement: Statement): void {
    this.#kept.delete(statement);
  }

  /**
   * What is prepared no longer fits, as after a change of a table; is not there, as after DISCARD ALL; or is there
   * although this connection has not prepared it.
   */
  forgetStale(statement: Statement, code: string): void {
    if (code === '42P05') this.shared = true;
    if (code !== '0A000' && code !== '26000' && code !== '42P05') return;
    const known = this.#kept.delete(statement);
    if (known && code === '0A000') this.#obsolete = [...this.#obsolete, statement.serverName];
  }

  writeObsolete(writer: MessageWriter): void {
    for (const name of this.#obsolete) writer.closeStatement(name);
  }
  obsoleteWritten(): void {
    this.#obsolete = noNames;
  }
}
